"""Bringing documents in and taking them out, from a task's page, a matter's and the forms."""
