"""One version of one process."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, new_id
from engine.models.deployment import Deployment


class ProcessDefinition(Base):
    """A deployed process; versions of a key live side by side and never change."""

    __tablename__ = "process_definition"
    __table_args__ = (
        sa.UniqueConstraint("key", "version"),
        sa.CheckConstraint("version >= 1", name="version_from_one"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: The BPMN process id.
    key: Mapped[str] = mapped_column(sa.String(200))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(300))
    deployment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("deployment.id"), index=True)
    #: The file of the deployment that holds this process.
    resource_name: Mapped[str] = mapped_column(sa.String(300))
    #: What the bundle's ``process.yaml`` says.
    properties: Mapped[dict[str, Any]]
    #: Names of the messages this version waits for or starts on.
    message_names: Mapped[list[str]]
    #: Names of the signals this version waits for or starts on; null in versions that know of none.
    signal_names: Mapped[list[str] | None]
    deployed_at: Mapped[datetime]

    deployment: Mapped[Deployment] = relationship(back_populates="process_definitions")
