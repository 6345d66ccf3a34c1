"""The firm's matters."""
