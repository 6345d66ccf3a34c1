"""Who tried to open what was not for them, what came of it, and access in an emergency."""
