"""The open work of one person (read side)."""
