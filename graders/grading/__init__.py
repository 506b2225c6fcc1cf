"""Grading a class: submissions → rebuild → judge_requests → results → gradebook → feedback → class_report → exports.

`grade_class` runs them in this order, `review` says what becomes of a submission that breaks, and `nbgrader_steps` are
the same steps in nbgrader's own commands.
"""
