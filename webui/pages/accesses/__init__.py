"""Attempts at what is not for somebody, their cases, and opening a matter in an emergency."""
