"""Claims on the answers of the second lesson on normalization, which takes tables apart."""
