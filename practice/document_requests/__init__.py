"""What the firm waits for from a client, item by item."""
