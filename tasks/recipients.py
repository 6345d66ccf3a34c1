"""Who may be given a user task, beyond what the engine knows: nobody whom a wall keeps out of its matter."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import UserTask
from practice.walls import operations as walls


def require_fit(session: Session, user_task_id: UUID, to: str | None) -> None:
    """Refuse to give a task to somebody whom a wall keeps out of the matter or enquiry that it is about.

    Raises:
        PersonKeptOut: the field is ``to``.
    """
    if not to:
        return
    business_key = session.scalar(sa.select(UserTask.business_key).where(UserTask.id == user_task_id))
    if business_key is not None:
        walls.require_not_kept_out(session, business_key, [to], field="to")
