"""By which keys every name that the firm knows is found again, in the database and in the transaction that writes it."""
