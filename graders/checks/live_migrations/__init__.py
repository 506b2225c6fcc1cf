"""Claims on the answers of the lesson on migrations while a database is in use."""
