"""The firm's mail: every letter with its number, its owner and the path it took."""
