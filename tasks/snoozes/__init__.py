"""Work that somebody put aside until a date."""
