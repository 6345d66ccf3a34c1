"""Documents that come with a user task: they belong to its matter or enquiry, or else to its process instance."""

import re
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import FormInvalid
from engine.models import ProcessInstance, UserTask
from practice.documents import operations as documents
from practice.documents import owners
from practice.documents.errors import DocumentNotFound
from practice.documents.owners import Owner
from tasks import access

#: A process instance that is of no matter; its number is its id in 32 hexadecimal digits.
INSTANCE: Final = "process_instance"
_ID: Final = "^[0-9a-f]{32}$"
_UUID: Final = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def owner_of(session: Session, task: UserTask) -> Owner:
    """Return what documents of a task, which was read with the reader's rights, are filed with."""
    found = owners.of_business_key(session, task.business_key)
    return found or Owner(INSTANCE, task.process_instance_id.hex)


def owner_of_instance(session: Session, instance: ProcessInstance) -> Owner:
    """Return what documents that came with a start form are filed with."""
    return owners.of_business_key(session, instance.business_key) or Owner(INSTANCE, instance.id.hex)


def settle(
    session: Session, schema: dict[str, Any] | None, answers: dict[str, Any], owner: Owner, *, by: Actor, now: datetime
) -> None:
    """File the documents that a form's file fields name with what the form is about; none may be somebody else's.

    Raises:
        FormInvalid: a field names what the person cannot file.
    """
    for key in _file_fields(schema or {}):
        try:
            documents.refile(session, _ids(answers.get(key)), owner, by=by, now=now)
        except DocumentNotFound as missing:
            raise FormInvalid({key: missing.sentence}) from missing


def may_name_files(answers: dict[str, Any]) -> bool:
    """Say, without looking at any form, whether answers could name files at all: most do not."""
    return any(_ids(value) for value in answers.values())


def _ids(value: Any) -> list[UUID]:
    found: list[UUID] = []
    for item in cast("list[Any]", value) if isinstance(value, list) else []:
        text = str(cast("dict[str, Any]", item).get("id", "")) if isinstance(item, dict) else ""
        if re.fullmatch(_UUID, text):
            found.append(UUID(text))
    return list(dict.fromkeys(found))


def _file_fields(component: dict[str, Any]) -> list[str]:
    own = [str(component["key"])] if component.get("type") == "filepicker" and component.get("key") else []
    children: list[dict[str, Any]] = component.get("components") or []
    return own + [key for child in children for key in _file_fields(child)]


def _seen(number: Any, actor: Actor) -> sa.ColumnElement[bool]:
    # Only what looks like an id is read as one: the other kinds' numbers pass by here too.
    as_id = sa.case((number.regexp_match(_ID), sa.cast(number, sa.Uuid)))
    query = sa.select(ProcessInstance.id).where(ProcessInstance.id == as_id, access.instance_seen_by(actor))
    return sa.exists(query.correlate(number.table))


owners.register(INSTANCE, _seen)
