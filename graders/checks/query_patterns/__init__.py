"""Claims on the answers of the lesson on query patterns."""
