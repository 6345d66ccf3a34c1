"""Service tasks that were already carried out, so that a second delivery changes nothing."""
