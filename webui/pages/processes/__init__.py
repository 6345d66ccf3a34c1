"""Starting a process by its form."""
