"""Approvals, many at once and by a link in a mail."""
