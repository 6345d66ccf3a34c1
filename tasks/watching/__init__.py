"""Tasks and matters that somebody keeps an eye on without doing the work."""
