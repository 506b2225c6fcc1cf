"""The verbs of `python -m graders`, one file each."""
