"""Who works in the firm: users, their groups, passwords and API tokens."""
