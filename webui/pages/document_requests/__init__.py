"""Papers that clients owe: the list, and the card of one request."""
