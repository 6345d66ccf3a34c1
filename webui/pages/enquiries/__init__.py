"""Enquiries: who asked, and what became of it."""
