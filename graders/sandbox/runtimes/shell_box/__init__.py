"""What runs in the sandbox of a shell script; nothing here knows the rest of the course."""
