"""Proceedings and hearings: the forms on a matter, and the calendar of hearings."""
