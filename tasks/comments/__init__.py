"""What people say to each other about a piece of work."""
