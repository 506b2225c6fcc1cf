"""Claims on crontabs and on shell scripts that make and restore backups."""
