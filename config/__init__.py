"""How one installation is set up: settings, logging, rights and the database's migrations. Only ``webui`` reads it."""


class ConfigError(ValueError):
    """The installation is set up wrongly; the text is the one sentence that says where."""
