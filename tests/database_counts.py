"""Says at the end of a run how many tests ran on which database.

A test counts for the database that its fixture ``database_url`` (its parameter, or else its value) names;
a test marked ``postgres`` counts for PostgreSQL; all others never touched a database.
"""

from collections import Counter

import pytest

HANDED_OVER = "matterflow_database_counts"
LABELS = {"sqlite": "SQLite", "postgresql": "PostgreSQL", None: "no database"}


def _database_named_by(value):
    """Return the database that a parameter or an address names, None when it names none."""
    text = str(value).lower()
    return next((name for name in ("postgres", "sqlite") if text.startswith(name)), None)


def database_of(item):
    """Return ``"sqlite"``, ``"postgresql"`` or None for a collected and set-up test."""
    callspec = getattr(item, "callspec", None)
    candidates = [
        callspec.params.get("database_url") if callspec else None,
        getattr(item, "funcargs", {}).get("database_url"),
    ]
    name = next((found for value in candidates if (found := _database_named_by(value))), None)
    if name is None and item.get_closest_marker("postgres"):
        name = "postgres"
    return "postgresql" if name == "postgres" else name


class DatabaseCounts:
    """Counts each test once, when its own code has run (not its fixtures alone)."""

    def __init__(self):
        self.counts = Counter()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        self.counts[database_of(item)] += 1
        return (yield)

    def pytest_sessionfinish(self, session):
        """Hand what a process of its own has counted to the one that reports (pytest-xdist)."""
        handed_over = getattr(session.config, "workeroutput", None)
        if handed_over is not None:
            handed_over[HANDED_OVER] = list(self.counts.items())

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node, error):
        del error
        self.counts.update(dict(getattr(node, "workeroutput", {}).get(HANDED_OVER, [])))

    def pytest_terminal_summary(self, terminalreporter):
        terminalreporter.write_line(self.sentence())

    def sentence(self):
        return ", ".join(f"{label}: {self.counts[name]} tests" for name, label in LABELS.items())


def pytest_configure(config):
    config.pluginmanager.register(DatabaseCounts(), "matterflow-database-counts")
