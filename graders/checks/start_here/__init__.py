"""Claims on the answers of the first lesson."""
