"""How the pages speak to a person."""
