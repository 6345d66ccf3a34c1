"""What is planned and done in a matter, by whom, and how long it took."""
