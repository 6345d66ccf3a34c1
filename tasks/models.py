"""Importing this module makes every table of the package known to the metadata."""

from tasks.drafts.models import Draft

__all__ = ["Draft"]
