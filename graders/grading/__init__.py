"""Grading: from a folder of submissions to reports, feedback pages and marks in a gradebook."""
