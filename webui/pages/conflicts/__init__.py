"""Conflict checks: the report for a partner's decision, and a form that asks."""
