"""What `matterflow serve` loads and makes before it answers: everybody waits for it."""

import json
import subprocess
import sys

import pytest

from tests.installation import ROOT, Installation

#: What a server makes itself ready with, and then says what it has in memory instead of serving.
START = """
import json, sys
import uvicorn, webui.api
from marshmallow import Schema

made, make = [], Schema.__init__
def count(self, *args, **kwargs):
    made.append(type(self).__name__)
    make(self, *args, **kwargs)
Schema.__init__ = count

def tell(self, sockets=None):
    sys.stdout.write(json.dumps({"modules": sorted(sys.modules), "schemas": made}))
uvicorn.Server.run = tell
from webui.cli import main
sys.argv = ["matterflow", "serve"]
main()
"""
#: Who needs one of these waits for it; a start does not.
FOR_LATER = {
    "alembic": "the schema is at its head",
    "apscheduler": "what is due at once is looked at without it",
    "cryptography": "no value is sealed, no browser spoken to",
    "engine.bpmn.lint": "nothing is deployed",
    "engine.bpmn.parser": "no model is read",
    "engine.feel.dmn": "no decision is read",
    "engine.scenarios": "nothing is tried out",
    "holidays": "no deadline is calculated",
    "openpyxl": "nobody wants a spreadsheet",
    "procrastinate": "jobs are carried out here",
    "psycopg": "the database is SQLite",
    "puremagic": "no document came",
    "py_mini_racer": "no expression is evaluated",
    "rapidfuzz": "no names are compared",
    "smtplib": "no mail server is named",
    "sqlalchemy.dialects.postgresql": "the database is SQLite",
    "webui.demo": "this is no demonstration",
}


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    folder = tmp_path_factory.mktemp("start")
    (folder / "none").mkdir()
    installation = Installation(folder, processes=folder / "none")
    installation.command("db", "upgrade")
    for _ in range(2):  # the first start makes keys
        told = subprocess.run(
            [sys.executable, "-c", START],
            cwd=ROOT, env=installation.environment, capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
    return json.loads(told.stdout)


@pytest.mark.parametrize("module", FOR_LATER)
def test_a_start_does_not_load_what_is_for_later(started, module):
    loaded = [name for name in started["modules"] if name == module or name.startswith(f"{module}.")]

    assert loaded == [], FOR_LATER[module]


def test_a_start_makes_no_schema_that_nobody_asked_for(started):
    assert set(started["schemas"]) <= {"ProblemSchema"}
