"""Pages of parties, clients, leads and of reading contact points."""
