"""Runs BPMN and DMN for the firm: durable, versioned, one transaction a step.

The engine knows no people, no law and no HTTP. It keeps process instances, the user tasks and
timers they wait for, and the history of every step; what a step means to the firm lives above it,
in ``practice`` and ``tasks``. Every function takes a ``session`` first, never commits and never
reads the clock: who asks (``by``) and when (``now``) are arguments.

Start reading at ``process_instances.py`` and ``user_tasks.py``; ``bpmn/`` is the wall around
SpiffWorkflow, ``feel/`` the wall around the expression language.
"""
