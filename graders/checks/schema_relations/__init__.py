"""Claims on the answers of the lesson on relations between tables."""
