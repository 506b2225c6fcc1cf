"""What a student touches in Jupyter: `%load_ext graders`, `%%sql`, `%%answer`, `check`, `hint`, `recall` and others."""
