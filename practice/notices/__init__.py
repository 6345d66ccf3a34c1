"""What the product tells one person, for them to have seen."""
