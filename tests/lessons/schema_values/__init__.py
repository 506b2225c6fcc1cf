"""What the lesson on values must say of answers that its own pages do not foresee."""
