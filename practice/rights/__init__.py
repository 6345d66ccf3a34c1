"""Who may do what with which record, beyond the named rights of groups."""
