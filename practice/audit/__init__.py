"""Who changed which record, and what it said before; rows are only ever added."""
