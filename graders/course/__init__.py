"""The course: what a lesson and an exercise are, and how they are read from their folders and notebooks."""
