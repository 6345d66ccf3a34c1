"""Narrowed lists of work that people keep under a name and share."""
