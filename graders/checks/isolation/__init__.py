"""Claims on the answers of the lesson on isolation."""
