"""The home of each post, put together from the same pieces."""
