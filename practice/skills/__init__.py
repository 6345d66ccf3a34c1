"""What people are good at, in the firm's own short words."""
