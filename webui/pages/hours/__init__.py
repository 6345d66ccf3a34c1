"""Hours: one's own week, and the lines one has to decide about."""
