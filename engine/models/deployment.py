"""What a designer deployed: a bundle's files, kept byte for byte."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, new_id

if TYPE_CHECKING:
    from engine.models.process_definition import ProcessDefinition


class Deployment(Base):
    """One bundle as it was handed in; the same content is never stored twice in a row."""

    __tablename__ = "deployment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(200))
    #: SHA-256 over file names and contents.
    content_hash: Mapped[str] = mapped_column(sa.String(64), index=True)
    deployed_by: Mapped[str] = mapped_column(sa.String(150))
    deployed_at: Mapped[datetime]

    resources: Mapped[list["DeploymentResource"]] = relationship(order_by="DeploymentResource.name")
    process_definitions: Mapped[list["ProcessDefinition"]] = relationship(
        back_populates="deployment", order_by="ProcessDefinition.key"
    )


class DeploymentResource(Base):
    """One file of a deployed bundle."""

    __tablename__ = "deployment_resource"

    deployment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("deployment.id"), primary_key=True)
    #: Path inside the bundle, with forward slashes: ``forms/enquiry.form``.
    name: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
