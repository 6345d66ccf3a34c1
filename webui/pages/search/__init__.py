"""Searching everything, on a page and in the command palette."""
