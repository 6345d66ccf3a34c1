"""The peer: Viewflow, running the same approval process in an environment of its own.

Viewflow is licensed under the AGPL. It is measured here, never shipped: nothing of the product imports it, it is not
among the product's requirements, and it is installed under ``build/`` only when somebody runs the benchmark.
"""
