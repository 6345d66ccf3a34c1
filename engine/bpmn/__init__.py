"""The wall around SpiffWorkflow: nothing outside this package imports it.

``compiled`` turns a bundle into an executable definition, ``runtime`` moves the tokens of one
instance (``tokens`` is what it tells of them), ``codec`` writes an instance down and reads it back.
``tasks``, ``specs``, ``timers``, ``joins``, ``beside``, ``scopes`` and ``parser`` are our subclasses of the
library's classes; each says which behaviour of the library (version 3.2.0) it replaces, and why.
"""
