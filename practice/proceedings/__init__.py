"""The courts' and tribunals' side of a matter: instances, hearings, decisions, and the money they bring."""
