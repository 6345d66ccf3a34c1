"""Who may approve how much, for whom, from when to when."""
