"""People, the units in which they work, and how rights change."""
