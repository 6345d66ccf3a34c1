"""People who help with a user task: they see it and draft, and do not complete it."""
