"""The people and organisations that the firm's matters are about."""
