"""Claims: one module for each lesson that has answers of its own to judge."""
