"""The firm's clients: parties that it acts for, owned by the firm and by no lawyer."""
