"""Steps that failed, for those who may let them run again."""
