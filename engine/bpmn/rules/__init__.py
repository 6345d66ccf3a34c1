"""What a bundle must satisfy before it may run: each rule looks at the models and names what is wrong where.

A rule is a function from a ``Bundle`` to findings. Among them: ``structure`` (is it
whole?), ``support`` (do we execute it?), ``paths`` (do links, flows and joins lead on?), ``texts`` (does
every expression parse?), ``work`` (does every task find its people, forms, decisions and delegates?).
"""
