"""Hours: what people worked on, day by day, approved line by line and locked."""
