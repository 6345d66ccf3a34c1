"""Deciding many things at once, and by mail."""
