"""What people may see because of the work in front of them: pieces of queries, nothing is loaded here."""

from uuid import UUID

import sqlalchemy as sa

from engine.actor import Actor
from engine.models import UserTask, UserTaskCandidate

#: Written out, because SQLite looks into the narrow index of open tasks only when it reads this.
_IS_OPEN = UserTask.state == sa.literal_column("'created'")


def business_keys_with_open_work_for(actor: Actor) -> sa.Select[str | None]:
    """Select the business keys of open user tasks that the actor holds or may claim."""
    offered = sa.select(UserTaskCandidate.business_key).where(UserTaskCandidate.principal.in_(actor.principals))
    return offered.where(UserTaskCandidate.business_key.is_not(None)).correlate(None)


def business_keys_with_own_work_of(actor: Actor) -> sa.Select[str | None]:
    """Select the business keys of open user tasks that the actor holds in person."""
    return (
        sa.select(UserTask.business_key)
        .join(UserTaskCandidate, UserTaskCandidate.user_task_id == UserTask.id)
        .where(UserTaskCandidate.principal == actor.principals[0], UserTask.business_key.is_not(None), _IS_OPEN)
        .correlate(None)
    )


def instances_with_open_work_for(actor: Actor) -> sa.Select[UUID]:
    """Select the process instances of open user tasks that the actor holds or may claim."""
    return (
        sa.select(UserTask.process_instance_id)
        .join(UserTaskCandidate, UserTaskCandidate.user_task_id == UserTask.id)
        .where(UserTaskCandidate.principal.in_(actor.principals), _IS_OPEN)
        .correlate(None)
    )
