"""What changed about user tasks just now, and who of those who wait may be told."""
