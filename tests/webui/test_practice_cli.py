"""Opening a locked account, and importing and exporting, from the command line."""

import json

from engine import clock, database
from engine.actor import SYSTEM
from practice.accesses import locks
from practice.audit import queries as audit
from tests.webui.test_cli import set_up as a_firm

#: Another database than that of the other commands: these tests count what is in it.
set_up = a_firm
HEAD = "reference,case_type,client,opponent,responsible,opened_on\n"
GOOD = HEAD + "A1,civil,Αθηνά Παπαδοπούλου,Beton AG,lea,2020-03-01\nA2,civil,Cy Young,,lea,2020-03-01\n"


def test_a_locked_account_is_opened_with_a_reason_on_record(set_up):
    set_up("user", "create", "eve", "--name", "Eve", "--group", "lawyers", "--no-password")
    engine = database.create_engine(f"sqlite:///{set_up.data / 'matterflow.db'}")
    with database.transaction(engine) as session:
        locks.lock(session, "eve", "B-2026-0001", by=SYSTEM, now=clock.utc_now())
    assert "locked" in set_up("user", "list")

    assert "can come in again" in set_up("user", "unlock", "eve", "--reason", "Everybody else is locked, too")

    assert "locked" not in set_up("user", "list")
    with database.transaction(engine) as session:
        (opened,) = [one for one in audit.of(session, "user", "eve") if one.kind == "account_unlocked"]
    engine.dispose()
    assert opened.after["because"] == "Everybody else is locked, too"
    assert "not locked" in set_up("user", "unlock", "eve", "--reason", "Again", fails=1)
    assert "nobody" in set_up("user", "unlock", "nobody", "--reason", "Who?", fails=1)
    assert set_up("user", "unlock", "eve", fails=2) == ""


def test_matters_are_checked_imported_once_and_exported(set_up, tmp_path):
    set_up("user", "create", "lea", "--name", "Lea", "--group", "lawyers", "--no-password")
    good, bad, out = (tmp_path / name for name in ("good.csv", "bad.csv", "out.csv"))
    good.write_text(GOOD, encoding="utf-8")
    bad.write_text(GOOD + "A3,civil,Zed,,ghost,2020-03-01\n", encoding="utf-8")

    code, said, _ = set_up.run("import", "matters", bad, "--dry-run", "--as", "ada", "--json")
    told = json.loads(said)
    assert (code, told["problem_rows"], told["problems"][0]["row"]) == (1, 1, 4)
    assert "row 4" in set_up("import", "matters", bad, "--as", "ada", fails=1).replace("Row", "row")
    assert json.loads(set_up("import", "matters", good, "--as", "ada", "--json"))["imported"] == 2
    assert json.loads(set_up("import", "matters", good, "--as", "ada", "--json"))["known"] == 2

    set_up("export", "matters", out, "--as", "ada")
    rows = out.read_text(encoding="utf-8-sig")
    assert "Αθηνά Παπαδοπούλου" in rows
    assert rows.count("\n") == 3
    set_up("export", "matters", out, "--as", "lea", fails=1)
    set_up("import", "matters", good, "--as", "lea", fails=1)
