"""What the server tells browsers of its own accord: changes of work, new notices, and who else is looking."""
