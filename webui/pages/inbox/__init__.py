"""The inbox and the work on one user task."""
