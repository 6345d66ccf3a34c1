"""How one installation is set up: settings, logging, rights and the database's migrations. Only ``webui`` reads it."""
