"""What is drawn: inline SVG and HTML with the same facts in words."""
