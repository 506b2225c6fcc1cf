"""Claims on the answers of the first lesson on normalization, on rules and keys."""
