"""Questions to somebody about a user task that stays where it is."""
