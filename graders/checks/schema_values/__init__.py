"""The experiments and claims of the lesson on the values that columns may hold."""
