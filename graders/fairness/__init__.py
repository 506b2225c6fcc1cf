"""Proves an exercise fair: what is wrong in one place loses points, what does nothing earns none, what is right is."""
