"""What the page of a user task shows beside its form."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from engine import clock, work_rules
from engine.actor import Actor
from engine.models import ProcessDefinition, ProcessInstance, UserTask
from practice.directories import queries as directories
from practice.documents import queries as documents
from practice.errors import MatterNotFound
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.people import queries as people
from practice.proceedings import queries as proceedings
from tasks import attachments, facts
from tasks.comments import queries as comments
from tasks.drafts import copies, sharing
from tasks.drafts.models import Draft
from tasks.helpers import queries as helpers
from tasks.questions import queries as questions
from webui.auth import current_actor
from webui.db import db
from webui.pages.matters import words

COMMENTS_SHOWN = 50
DOCUMENTS_SHOWN = 12


def work_on(task: UserTask, draft: Draft | None) -> dict[str, Any]:
    """Read it, with the reader's rights; the task was read with them."""
    session, actor = db.session(), current_actor()
    helping = helpers.of_task(session, task.id, actor=actor)
    asked = questions.of_task(session, task.id, actor=actor)
    said = comments.of_task(session, task.id, actor=actor, limit=COMMENTS_SHOWN).items
    typed = sharing.of_helpers(session, task.id, actor=actor)
    matter = _matter(session, task, actor)
    filed = documents.search(
        session, actor=actor, owner=attachments.owner_of(session, task), limit=DOCUMENTS_SHOWN
    ).items
    instance = session.get(ProcessInstance, task.process_instance_id)
    found = proceedings.of_read_matter(session, matter) if matter else []
    decided = proceedings.decisions_of(session, [row.id for row in found]) if found else {}
    rulings = [one for row in found for one in decided.get(row.id, [])]
    is_open = task.state == "created"
    holds = actor.username in (task.assignee, task.owner)
    is_delegated = is_open and task.owner is not None and task.owner != task.assignee
    offered = task.assignee is None and not actor.groups.isdisjoint(task.candidate_groups)
    usernames = [
        *(one.username for one in helping), *(one.author for one in said), *(one.username for one in typed),
        *(name for one in asked for name in (one.asked_by, one.asked_of)), task.owner, task.assignee,
        *(one.document.created_by for one in filed),
    ]  # fmt: skip
    return {
        "helpers": helping,
        "helps": any(one.username == actor.username for one in helping),
        "questions": asked,
        "comments": list(reversed(said)),
        "helper_drafts": typed,
        "copies": copies.of(session, draft) if draft else [],
        "documents": filed,
        "parties": matters.parties_of(session, matter) if matter else [],
        "totals": proceedings.totals_of_read_matter(session, matter) if matter else [],
        "hours": facts.hours(session, matter) if matter else None,
        "decisions": rulings,
        "entries": directories.of_ids(session, [one.result_id for one in rulings]) if rulings else {},
        "words": words.ALL,
        "names": people.display_names(session, usernames),
        "instance": instance,
        "definition": session.get(ProcessDefinition, instance.definition_id) if instance else None,
        "is_delegated": is_delegated,
        "is_delegate": is_delegated and task.assignee == actor.username and not _stands_in(session, task, actor),
        "may_bring_in": is_open and (holds or offered or actor.may("assign_user_tasks")),
        "may_hand_on": is_open and (task.assignee == actor.username or actor.may("assign_user_tasks")),
        "may_assign": is_open and actor.may("assign_user_tasks"),
    }


def _stands_in(session: Session, task: UserTask, actor: Actor) -> bool:
    """Say whether the actor has it from somebody away: then they complete it for them, and nothing goes back."""
    work = work_rules.Work.of(task)
    return work_rules.stands_in_for(session, work, "complete", by=actor, now=clock.utc_now()) is not None


def _matter(session: Session, task: UserTask, actor: Actor) -> Matter | None:
    try:
        return matters.get_by_number(session, task.business_key, actor=actor) if task.business_key else None
    except MatterNotFound:
        return None
