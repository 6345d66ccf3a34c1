"""What ``make bench`` runs: the product beside its floor and a peer, in one run on one machine."""
