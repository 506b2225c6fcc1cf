"""Claims on the answers of the lesson on backup and restore."""
