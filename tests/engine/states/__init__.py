"""Stored states of every version that ever was, how each was made, and how it goes on from there.

Every ``*.bpmn`` here is a model; ``<model>.v<version>.json`` holds what was stored after each action of its story:
the state itself, what it waited for and its variables. Files of past versions are never written again:
whoever changes the codec raises its ``VERSION``, keeps reading the old one, and adds the new states with

    python -m tests.engine.states.record
"""
