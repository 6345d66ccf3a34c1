"""What somebody asked of the firm before there is a matter."""
