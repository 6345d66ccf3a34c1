"""Picking a colleague: whole lists in a small firm, found while typing in a large one."""
