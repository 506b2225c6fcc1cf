"""Claims on the answers of the lesson on orders: a shop with many buyers, and strangers at its door."""
