"""Giving new work to somebody by load, skill, language, branch and matter team."""
