"""The peer's migrations."""
