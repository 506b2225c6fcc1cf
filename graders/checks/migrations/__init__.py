"""Claims on the answers of the lesson on migrations of one database."""
