"""Chinese walls and their certificates."""
