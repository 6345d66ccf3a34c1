"""Combined searches that people keep under a name."""
