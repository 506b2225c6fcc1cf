"""The kernel: what an exercise, a claim, a verdict and a report are, and how an answer is judged."""
