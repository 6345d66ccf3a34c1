"""Files of clients and matters: every problem row is listed, nothing half is stored, and memory does not grow."""

import io
import os
import tracemalloc
from dataclasses import replace

import openpyxl
import pytest

from engine.actor import SYSTEM, Actor
from engine.errors import RightMissing
from practice.audit import queries as audit
from practice.clients import queries as clients
from practice.directories import operations as directories
from practice.exchange import exports, imports, sheets
from practice.exchange.columns import LISTS
from practice.exchange.errors import ColumnsWrong, FileUnreadable, ListUnknown
from practice.exchange.records import RowRefused
from practice.matters import operations as closing
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.name_index import queries as name_index
from practice.parties import records
from practice.parties.models import Party
from practice.rights.models import RightRule
from tests.conftest import NOON
from tests.practice.firm import LEA, STRANGER

ADA = Actor("ada", frozenset({"administrators"}), frozenset({"import_data", "export_data", "record_parties", "see_all_matters", "see_all_parties"}))  # fmt: skip
HEAD = "reference,case_type,client,opponent,responsible,opened_on"
GOOD = f"{HEAD}\nA1,civil,Ana Ruiz,Beton AG,lea,2020-03-01\n"


def examine(session, text, kind="matters", *, encoding="utf-8", by=ADA):
    content = text if isinstance(text, bytes) else text.encode()
    problems = []
    counts = imports.examine(
        session, kind, sheets.rows(io.BytesIO(content), encoding=encoding), told=problems.append, by=by
    )
    return counts, [(one.row, one.column, one.code) for one in problems]


def bring_in(session, text, kind="matters"):
    content = text if isinstance(text, bytes) else text.encode()
    return sum(
        imports.store(session, kind, batch, by=ADA, now=NOON)
        for batch in imports.batches(kind, sheets.rows(io.BytesIO(content)))
    )


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.fixture
def lists(session, firm):
    some = {
        "direction": [{"key": "railway", "name": "Railway"}],
        "region": [{"key": "north", "name": "North"}],
        "tag": [{"key": "urgent", "name": "Urgent"}],
    }
    directories.seed(session, some, by=SYSTEM, now=NOON)


def test_every_problem_is_listed_with_its_row_and_column(session, lists):
    rows = [
        ",".join(column.name for column in LISTS["matters"]),
        "A1,,civil,Ana Ruiz,Beton AG,,lea,leo,open,2020-03-01,,,,,,10.50,EUR,,railway,north,urgent,secret,ok",
        "A1,,nothing,!,!,,cora,ghost,lost,soon,,,,,,10,,,moon,sun,star,top,",
        ",,civil,Cy Young,cy young,,lea,,archived,2020-03-01,2019-01-01,,x,,,1.234,EUR,,,,,,",
        "A3,,civil,Zed,,,lea,,archived,2020-03-01,,,,,,,XXX,x,,,,,",
    ]

    counts, problems = examine(session, "\n".join(rows))

    assert (counts.rows, counts.problem_rows) == (4, 3)
    assert sorted(problems) == sorted([
        (3, "reference", "reference_twice"), (3, "case_type", "case_type_unknown"), (3, "client", "not_a_name"),
        (3, "opponent", "not_a_name"), (3, "responsible", "not_active_lawyer"), (3, "team", "not_active_person"),
        (3, "state", "unknown_value"), (3, "opened_on", "not_a_date"), (3, "currency", "currency_missing"),
        (3, "direction", "not_in_directory"), (3, "region", "not_in_directory"), (3, "tags", "not_in_directory"),
        (3, "confidentiality", "unknown_value"),
        (4, "reference", "missing"), (4, "archived_on", "before_opened"), (4, "retain_until", "not_a_date"),
        (4, "claim_value", "not_an_amount"), (4, "opponent", "same_party_twice"),
        (5, "currency", "unknown_value"), (5, "limitation_on", "not_a_date"), (5, "archived_on", "missing"),
    ])  # fmt: skip
    assert session.query(Matter).count() == 0


def test_a_broken_row_in_the_middle_is_named_and_the_rows_after_it_are_read(session, lists):
    text = f'{GOOD}A2,civil,"Ann" Broken,,lea,2020-03-01\nA3,civil,Zed,,ghost,2020-03-01\n'

    counts, problems = examine(session, text)

    assert counts.rows == 3
    assert problems == [(3, "", "broken_row"), (4, "responsible", "not_active_lawyer")]


def test_bytes_of_another_encoding_are_found_cell_by_cell_and_read_when_it_is_named(session, lists):
    content = GOOD.encode() + "A2,civil,Сергей Иванов,,lea,2020-03-01\n".encode("windows-1251")

    assert examine(session, content)[1] == [(3, "client", "wrong_encoding")]
    assert examine(session, content, encoding="windows-1251")[1] == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_that_says_its_encoding_is_read_in_it(session, lists, encoding):
    content = f"{HEAD}\nA1,civil,Αθηνά Παπαδοπούλου,歐陽鋒,lea,2020-03-01\n".encode(encoding)

    assert examine(session, content)[1] == []


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd"])
def test_a_formula_is_a_problem_wherever_it_stands(session, lists, cell):
    _, problems = examine(session, f"{HEAD}\nA1,civil,{cell},,lea,2020-03-01\n")
    book = workbook(HEAD.split(","), ["A1", "civil", cell, None, "lea", "2020-03-01"])

    assert (2, "client", "formula") in problems
    assert (2, "client", "formula") in examine(session, book)[1]


def test_a_workbook_is_read_like_a_text_with_dates_and_numbers_of_its_own(session, lists):
    book = workbook(HEAD.split(","), [17, "civil", "Ana Ruiz", None, "lea", NOON.replace(tzinfo=None, hour=0)], [None])

    counts, problems = examine(session, book)

    assert (counts.rows, problems) == (1, [])


def test_more_cells_than_columns_and_cells_without_end_are_problems(session, lists):
    text = f"{GOOD}A2,civil,Zed,,lea,2020-03-01,more\nA3,civil,{'x' * 30_000},,lea,2020-03-01\n"

    assert examine(session, text)[1] == [(3, "", "too_many_cells"), (4, "", "broken_row")]


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04nonsense", HEAD.encode("utf-16-le"), b"\xff\xfe" + b"\x00\xd8" * 40 + b"\n"],
)
def test_what_is_no_table_is_refused(session, lists, content):
    with pytest.raises((FileUnreadable, ColumnsWrong)):
        examine(session, content)


def test_an_encoding_and_a_list_that_there_are_not_are_refused(session, lists):
    with pytest.raises(FileUnreadable):
        examine(session, GOOD, encoding="rot13")
    with pytest.raises(ListUnknown):
        examine(session, GOOD, "judges")
    with pytest.raises(ListUnknown):
        exports.names_of("judges")


def test_columns_that_are_missing_unknown_or_twice_are_named(session, lists):
    with pytest.raises(ColumnsWrong) as refusal:
        examine(session, "reference,case_type,colour,case_type\n")

    assert refusal.value.missing == ["client", "responsible", "opened_on"]
    assert refusal.value.unknown == ["colour", "case_type"]


def test_a_name_on_the_other_side_of_an_open_matter_is_a_problem_of_the_firm_s_and_of_the_file_s(
    session, lists, matter
):
    matter("Ana Ruiz", "Beton AG")
    text = f"{HEAD}\nB1,civil,BETON,Cy Young,lea,2020-03-01\nB2,civil,Zed,ana ruiz,lea,2020-03-01\nB3,civil,Cy Young,,lea,2020-03-01\n"

    assert examine(session, text)[1] == [
        (2, "client", "conflict"),
        (3, "opponent", "conflict"),
        (4, "client", "conflict"),
    ]


def values_of(session, text, *, by=ADA):
    problems = []
    imports.examine(session, "matters", sheets.rows(io.BytesIO(text.encode())), told=problems.append, by=by)
    return [(one.row, one.column, one.code, one.value) for one in problems]


def test_a_name_in_another_script_is_a_problem_that_names_who_and_where(session, lists, matter):
    number = matter("Ana Ruiz", "Сергей Иванов").number
    rows = [
        "B1,civil,Ivanov S.,,lea,2020-03-01",
        "B2,civil,Zed,Αθηνά Παπαδοπούλου,lea,2020-03-01",
        "B3,civil,Athina Papadopoulou,,lea,2020-03-01",
        "B4,civil,Sergei Petrov,Somebody Else,lea,2020-03-01",
    ]

    assert values_of(session, "\n".join([HEAD, *rows])) == [
        (2, "client", "conflict", f"Ivanov S. = Сергей Иванов ({number})"),
        (4, "client", "conflict", "Athina Papadopoulou = Αθηνά Παπαδοπούλου (#3)"),
    ]


def test_whom_the_importer_may_not_see_is_not_named(session, lists, matter, wall):
    opened = matter("Ana Ruiz", "Сергей Иванов")
    text = f"{HEAD}\nB1,civil,Sergei Ivanov,,lea,2020-03-01"
    outsider = Actor("ada", frozenset({"administrators"}), frozenset({"import_data"}))

    unseen = values_of(session, text, by=outsider)
    wall({"matter_id": opened.id}, out=["ada"])
    walled = values_of(session, text)

    assert unseen == walled == [(2, "client", "conflict", "Sergei Ivanov")]


def test_what_was_closed_and_who_comes_back_on_the_same_side_is_no_problem(session, lists, matter):
    old = matter("Cy Young", "Сергей Иванов")
    closing.archive(session, old.number, {}, process_instance_id=old.process_instance_id, by=LEA, now=NOON)
    matter("Ana Ruiz", "Beton AG")
    head = HEAD + ",state,archived_on"
    rows = [
        "B1,civil,Sergei Ivanov,BETON,lea,2020-03-01,open,",
        "B2,civil,Beton AG,,lea,2020-03-01,archived,2021-01-01",
    ]

    assert values_of(session, "\n".join([head, *rows])) == []


def test_an_imported_client_is_asked_about_by_their_names_and_told_apart_by_their_number(session, lists, matter):
    number = matter("Ana Ruiz", "Сергей Иванов").number
    people_of_the_file = (
        "reference,name,other_names,tax_number\nC1,Sergei Ivanov,,7701\nC2,Nobody Known,Ivanov Sergey,\nC3,Zed,,12\n"
    )
    bring_in(session, people_of_the_file, "clients")
    opponent = session.query(Party).filter_by(name="Сергей Иванов").one()
    records.identify(session, opponent.id, records.IdentifierGiven("tax_number", "9902"), by=ADA, now=NOON)
    rows = [f"B{n},civil,C{n},,lea,2020-03-01" for n in (1, 2, 3)]

    assert values_of(session, "\n".join([HEAD, *rows])) == [(3, "client", "conflict", f"C2 = Сергей Иванов ({number})")]


def test_a_long_tail_of_the_index_is_searched_and_left_as_it_is(session, lists, matter, monkeypatch):
    matter("Ana Ruiz", "Сергей Иванов")
    monkeypatch.setattr(name_index, "LONGEST_TAIL", 0)
    before = session.scalar(name_index.sa.select(name_index.sa.func.count(name_index.NameTail.no)))

    found = values_of(session, f"{HEAD}\nB1,civil,Sergei Ivanov,,lea,2020-03-01")

    assert [one[:3] for one in found] == [(2, "client", "conflict")]
    assert session.scalar(name_index.sa.select(name_index.sa.func.count(name_index.NameTail.no))) == before > 0


def test_rows_become_matters_with_numbers_parties_team_and_files(session, lists):
    head = ",".join(column.name for column in LISTS["matters"])
    rows = [
        "A1,,civil,Ana Ruiz,Beton AG,Wit Ness; Vita,lea,leo,open,2020-03-01,,,,District Court,12/20,10.50,EUR,2023-01-31,railway,north,urgent,restricted,Why",
        "A2,,civil,Cy Young,,,leo,,archived,2020-05-01,2021-05-01,Shelf 7,2031-01-01,,,,,,,,,,",
    ]

    assert bring_in(session, "\n".join([head, *rows])) == 2

    first, second = session.query(Matter).order_by(Matter.number)
    assert (first.number, first.title, first.court, first.confidentiality) == (
        "2020-CV-0001", "Ana Ruiz – Beton AG", "District Court", "restricted",
    )  # fmt: skip
    assert {row.role for row in first.parties} == {"client", "opponent", "other"}
    assert {(row.username, row.role) for row in first.members} == {("lea", "responsible"), ("leo", "member")}
    assert (second.number, second.state, second.archive_location) == ("2020-CV-0002", "archived", "Shelf 7")
    assert first.process_instance_id is None
    assert audit.of(session, "matter", "2020-CV-0001")[0].kind == "matter_imported"
    assert [one.number for one in matters.search(session, actor=LEA, text="beton").items] == ["2020-CV-0001"]
    assert matters.search(session, actor=STRANGER).items == []


def test_importing_a_file_again_goes_on_after_what_is_stored(session, lists):
    bring_in(session, GOOD)

    assert bring_in(session, f"{GOOD}A2,civil,Cy Young,,lea,2020-03-01\n") == 1
    counts, problems = examine(session, GOOD)
    assert (counts.rows, counts.known, problems) == (1, 1, [])


def test_a_row_that_is_refused_while_it_is_stored_is_named(session, lists):
    with pytest.raises(RowRefused) as refusal:
        bring_in(session, f"{GOOD}A2,gone,Cy Young,,lea,2020-03-01\n")

    assert refusal.value.row == 3


def test_clients_come_in_with_their_names_and_matters_name_them_by_reference(session, lists):
    head = ",".join(column.name for column in LISTS["clients"])
    rows = "C1,,Сергей Иванов,person,Sergei Ivanov,ru,1980-02-03,1234567890,,private,30,referral\nC2,,Сергей Иванов,person,,,,,,,,\n"
    bring_in(session, f"{head}\n{rows}", "clients")

    bring_in(session, f"{HEAD}\nA1,civil,C1,,lea,2020-03-01\nA2,civil,C2,,lea,2020-03-01\n")

    first, second = session.query(Matter).order_by(Matter.number)
    assert first.client_name == second.client_name == "Сергей Иванов"
    assert first.client_party_id != second.client_party_id
    found = clients.search(session, actor=ADA, text="ivanov").items
    assert [(client.segment, client.contact_every_days) for client, _ in found] == [("private", 30)]


def test_without_the_right_nothing_is_imported_or_exported(session, lists):
    with pytest.raises(RightMissing):
        examine(session, GOOD, by=LEA)
    with pytest.raises(RightMissing):
        imports.store(session, "matters", [], by=LEA, now=NOON)
    with pytest.raises(RightMissing):
        exports.rows_of(session, "matters", actor=LEA)


def written(session, kind="matters", actor=ADA):
    content = b"".join(sheets.write_csv(exports.names_of(kind), exports.rows_of(session, kind, actor=actor)))
    return content.decode("utf-8-sig").splitlines()


def test_an_export_holds_what_its_reader_may_see_and_nothing_secret(session, lists, matter):
    seen, hidden = matter("Ana Ruiz", "Beton AG"), matter("Cy Young", "Delta Ltd")
    secret = matter("Eva Foe", "Gamma SA")
    secret.confidentiality = "secret"
    hidden.confidentiality = "restricted"
    session.flush()
    lea = replace(LEA, rights=frozenset({"export_data"}))

    assert [line.split(",")[1] for line in written(session)[1:]] == [seen.number]
    assert [line.split(",")[1] for line in written(session, actor=lea)[1:]] == [seen.number, hidden.number]
    assert len(written(session, actor=replace(STRANGER, rights=frozenset({"export_data"})))) == 1
    assert len(written(session, "clients", replace(STRANGER, rights=frozenset({"export_data"})))) == 1


def test_an_export_is_imported_again_as_it_is(session, lists):
    head = ",".join(column.name for column in LISTS["matters"])
    row = "A1,,civil,Ana Ruiz,Beton AG,Wit Ness,lea,leo,open,2020-03-01,,,,Court,1,10.50,EUR,2023-01-31,railway,north,urgent,ordinary,Why"
    bring_in(session, f"{head}\n{row}")
    bring_in(session, "reference,name,kind\nC1,Zoe Zed,person\n", "clients")

    lines = written(session)

    assert lines[1] == row.replace("A1,,", "A1,2020-CV-0001,")
    assert examine(session, "\n".join(lines))[0].known == 1
    assert any(line.startswith("C1,C-2026") for line in written(session, "clients"))


def test_no_cell_of_an_export_is_a_formula_and_it_comes_back_as_it_was(session, lists):
    text = f'{HEAD},summary\nA1,civil,Ana Ruiz,,lea,2020-03-01,\'=HYPERLINK("x")\n'.replace('"x"', "1")
    bring_in(session, text)

    (line,) = written(session)[1:]
    assert line.endswith(",'=HYPERLINK(1)")
    target = io.BytesIO()
    sheets.write_xlsx(target, "matters", exports.names_of("matters"), exports.rows_of(session, "matters", actor=ADA))
    target.seek(0)
    cells = openpyxl.load_workbook(target)["matters"][2]
    assert [cell.value for cell in cells][-1] == "'=HYPERLINK(1)"
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_a_rule_that_denies_taking_out_a_client_s_matters_is_kept(session, lists, matter):
    opened = matter("Ana Ruiz", "Beton AG")
    session.add(
        RightRule(
            effect="deny", action="export", client_party_id=opened.client_party_id, username="ada",
            created_at=NOON, created_by="otto",
        )
    )  # fmt: skip
    session.flush()

    assert len(written(session)) == 1


class Endless(io.RawIOBase):
    """A CSV of many rows that is made while it is read."""

    def __init__(self, rows):
        # Other names, but few other words: how a word sounds is remembered, as much of it as has room.
        names = (f"Client {n % 97} {n % 89} {n % 83}" for n in range(rows))
        self.rest = (f"R{n},civil,{name},,lea,2020-03-01\n".encode() for n, name in enumerate(names))
        self.ready = f"{HEAD}\n".encode()
        self.begun = False

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, *_):
        return 0

    def read(self, size=-1):
        if not self.begun:
            self.begun = True
            return self.ready[:4]
        return super().read(size)

    def readinto(self, buffer):
        while len(self.ready) < len(buffer):
            more = next(self.rest, None)
            if more is None:
                break
            self.ready += more
        taken, self.ready = self.ready[: len(buffer)], self.ready[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_without_end_is_looked_over_in_bounded_memory(session, lists):
    problems, rows = [], int(os.environ.get("MATTERFLOW_TEST_ROWS", "8000"))

    def examine(count):
        tracemalloc.start()
        counts = imports.examine(session, "matters", sheets.rows(Endless(count)), told=problems.append, by=ADA)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (counts.rows, problems) == (count, [])
        return peak

    examine(100)  # what is loaded once, whatever the file
    # A row as an object has a kilobyte; what grows are a name and the keys by which it is found.
    assert examine(rows) - examine(rows // 2) < 450 * (rows // 2)
