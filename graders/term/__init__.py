"""How a term runs: what counts, when it is due, who takes part, and what being late costs."""
