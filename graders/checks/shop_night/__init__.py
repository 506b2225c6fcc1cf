"""Claims on the answers of the lesson on a night of the shop: a migration, copies, an accident, and all of it."""
