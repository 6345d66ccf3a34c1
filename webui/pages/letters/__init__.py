"""Letters: the register, and one letter with its way."""
