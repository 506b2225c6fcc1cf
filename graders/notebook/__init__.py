"""What a student touches in Jupyter: `%load_ext graders`, `%%sql`, `%%answer`, check, hint, progress, recall."""
