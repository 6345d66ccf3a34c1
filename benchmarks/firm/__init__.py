"""A generated firm, large enough to show what is slow: ``python -m benchmarks.firm`` fills an empty database."""
