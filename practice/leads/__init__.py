"""People who may become clients: where they came from and what became of them."""
