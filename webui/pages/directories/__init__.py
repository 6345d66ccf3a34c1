"""The firm's directories."""
