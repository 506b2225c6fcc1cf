"""Build: lessons/*.md become source notebooks, released notebooks, and keys for the checks."""
