"""What was typed into a form and not yet sent."""
