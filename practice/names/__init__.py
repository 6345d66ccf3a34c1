"""Names in any script: how they sound, by which keys they are looked up, and how like each other two of them are.

Pure functions without a database. What they return depends on ``RULES_VERSION`` and nothing else.
"""
