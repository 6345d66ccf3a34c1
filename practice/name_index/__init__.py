"""By which keys every name that the firm knows is found again; kept in the transaction that writes the name."""
