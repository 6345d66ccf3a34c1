"""Deadlines: the list, one deadline with how it came about, and registering one."""
