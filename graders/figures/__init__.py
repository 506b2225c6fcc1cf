"""Pictures, tables and reports: inline SVG and HTML with the same facts in words."""
