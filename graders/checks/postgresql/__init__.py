"""Claims on the answers of the lesson on PostgreSQL in daily use."""
