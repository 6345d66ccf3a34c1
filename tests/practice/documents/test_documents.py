"""Filing, versions, withdrawal, and who sees what."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from engine.errors import NotFound
from practice.audit.models import AuditEvent
from practice.documents import operations, owners, queries
from practice.documents.errors import (
    DocumentClassUnknown,
    DocumentNotFound,
    DocumentOutdated,
    DocumentOwnerNotFound,
    DocumentVersionNotFound,
    DocumentWithdrawn,
)
from practice.documents.owners import Owner
from practice.errors import VariableMissing
from practice.matters.errors import NotOnTheTeam
from tests.conftest import NOON
from tests.practice.firm import AUDITOR, LEA, LEO, PETRA, RITA, STRANGER


@pytest.fixture
def filed(session, matter, pdf):
    """A claim filed with Ana Ruiz's matter, which Lea has."""
    case = matter()
    return operations.file(session, Owner("matter", case.number), pdf(), doc_class="pleading", by=LEA, now=NOON)


def test_a_document_goes_by_its_files_name_until_somebody_says_better(session, filed):
    assert (filed.title, filed.version) == ("claim", 1)

    changed = operations.change(session, filed.id, title="Statement of claim", doc_class="court", by=LEA, now=NOON)

    assert (changed.title, changed.doc_class) == ("Statement of claim", "court")


def test_who_does_not_see_the_matter_sees_no_document_of_it(session, filed):
    for outsider in (LEO, STRANGER):
        assert queries.search(session, actor=outsider).items == []
        assert queries.search(session, actor=outsider, owner=Owner("matter", filed.owner)).items == []
        assert queries.by_ids(session, [filed.id], actor=outsider) == []
        with pytest.raises(DocumentNotFound):
            queries.get(session, filed.id, actor=outsider)


def test_who_sees_the_matter_finds_the_document_by_title_and_file_name(session, filed):
    operations.change(session, filed.id, title="Klageschrift Übermut", by=LEA, now=NOON)

    for words in ("ubermut", "claim klage", None):
        found = queries.search(session, actor=LEA, text=words).items
        assert [row.document.id for row in found] == [filed.id]
    assert queries.search(session, actor=LEA, text="nothing like it").items == []


def test_a_wall_around_the_matter_hides_its_documents_even_from_who_sees_all(session, filed, wall):
    assert queries.get(session, filed.id, actor=AUDITOR) is filed
    wall({"enquiry_number": None, "matter_id": _matter_id(session, filed.owner)}, out=["ada"])

    with pytest.raises(DocumentNotFound):
        queries.get(session, filed.id, actor=AUDITOR)


def test_who_only_reads_a_matter_files_nothing_with_it(session, filed, pdf):
    with pytest.raises(NotOnTheTeam):
        operations.file(session, Owner("matter", filed.owner), pdf(), by=AUDITOR, now=NOON)
    with pytest.raises(NotOnTheTeam):
        operations.withdraw(session, filed.id, "Because", by=AUDITOR, now=NOON)


@pytest.mark.parametrize("owner", [Owner("matter", "2026-CV-9999"), Owner("planet", "1"), Owner("person", "lea")])
def test_nothing_is_filed_with_what_one_does_not_see(session, firm, pdf, owner):
    with pytest.raises(DocumentOwnerNotFound):
        operations.file(session, owner, pdf(), by=LEO, now=NOON)


def test_a_version_is_added_and_the_earlier_one_stays(session, filed, pdf):
    operations.add_version(session, filed.id, pdf("final.pdf", b"2"), based_on=1, note="Signed", by=LEA, now=NOON)

    assert [(v.number, v.file_name, v.note) for v in queries.versions(session, filed)] == [
        (2, "final.pdf", "Signed"),
        (1, "claim.pdf", None),
    ]
    assert queries.content(queries.version(session, filed, 1)).exists()
    with pytest.raises(DocumentVersionNotFound):
        queries.version(session, filed, 3)


def test_the_same_content_again_is_no_new_version(session, filed, pdf):
    assert operations.add_version(session, filed.id, pdf("other.pdf"), by=LEA, now=NOON).version == 1


def test_a_version_over_an_older_one_is_refused_with_the_newest_number(session, filed, pdf):
    operations.add_version(session, filed.id, pdf(text=b"2"), based_on=1, by=LEA, now=NOON)

    with pytest.raises(DocumentOutdated) as refusal:
        operations.add_version(session, filed.id, pdf(text=b"3"), based_on=1, by=LEA, now=NOON)

    assert refusal.value.version == 2


def test_a_withdrawn_document_leaves_the_lists_and_stays_on_record(session, filed, pdf):
    with pytest.raises(VariableMissing):
        operations.withdraw(session, filed.id, "  ", by=LEA, now=NOON)

    operations.withdraw(session, filed.id, "Wrong client", by=LEA, now=NOON)

    assert queries.search(session, actor=LEA).items == []
    assert len(queries.search(session, actor=LEA, withdrawn=True).items) == 1
    assert queries.get(session, filed.id, actor=LEA).withdrawn_because == "Wrong client"
    with pytest.raises(DocumentWithdrawn):
        operations.add_version(session, filed.id, pdf(text=b"2"), by=LEA, now=NOON)


def test_the_enquirys_papers_belong_to_the_matter_that_came_of_it(session, register, matter, pdf):
    case = matter()
    letter = operations.file(session, Owner("enquiry", case.enquiry_number), pdf("letter.pdf"), by=RITA, now=NOON)

    found = queries.search(session, actor=LEA, owner=Owner("matter", case.number)).items

    assert [row.document.id for row in found] == [letter.id]


def test_what_is_not_filed_yet_is_its_bringers_alone_and_moves_once(session, firm, register, pdf):
    loose = operations.file(session, Owner("person", "rita"), pdf(), by=RITA, now=NOON)
    enquiry = register()
    with pytest.raises(NotFound):
        queries.get(session, loose.id, actor=PETRA)
    with pytest.raises(DocumentNotFound):
        operations.refile(session, [loose.id], Owner("enquiry", enquiry.number), by=PETRA, now=NOON)

    operations.refile(session, [loose.id], Owner("enquiry", enquiry.number), by=RITA, now=NOON)
    operations.refile(session, [loose.id], Owner("matter", "2026-CV-0001"), by=RITA, now=NOON)

    assert (loose.owner_kind, loose.owner) == ("enquiry", enquiry.number)


def test_every_change_is_in_the_trail_and_belongs_to_the_matter(session, filed, pdf):
    operations.add_version(session, filed.id, pdf(text=b"2"), by=LEA, now=NOON)
    operations.change(session, filed.id, title="Claim, final", by=LEA, now=NOON)
    operations.withdraw(session, filed.id, "Mistake", by=LEA, now=NOON)

    rows = session.scalars(sa.select(AuditEvent).where(AuditEvent.entity == "document").order_by(AuditEvent.id)).all()

    assert [row.kind for row in rows] == [
        "document_filed", "document_version_added", "document_changed", "document_withdrawn",
    ]  # fmt: skip
    assert {row.matter_number for row in rows} == {filed.owner}
    assert rows[0].after["sha256"] == queries.version(session, filed, 1).sha256


def test_unknown_classes_and_documents_are_named(session, filed, pdf):
    with pytest.raises(DocumentClassUnknown):
        operations.change(session, filed.id, doc_class="novel", by=LEA, now=NOON)
    with pytest.raises(DocumentNotFound):
        operations.change(session, uuid4(), title="x", by=LEA, now=NOON)


def test_a_kind_of_owner_is_registered_once():
    with pytest.raises(ValueError, match="known already"):
        owners.register("matter", lambda _number, _actor: sa.true())
    assert owners.kinds() == sorted(owners.kinds())
    assert {"matter", "enquiry", "person"} <= set(owners.kinds())


def _matter_id(session, number):
    from practice.matters.models import Matter

    return session.scalar(sa.select(Matter.id).where(Matter.number == number))
