"""Claims on the answers of the lesson on what indexes cost."""
