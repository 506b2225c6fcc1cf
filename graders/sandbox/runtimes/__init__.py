"""Runtimes of other languages in the sandbox: Node.js and Java."""
