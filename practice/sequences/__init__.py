"""Numbers without gaps."""
