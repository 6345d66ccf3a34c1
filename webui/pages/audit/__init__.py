"""The audit trail: who changed or was refused what, when, before and after."""
