"""Slows guessing of passwords down, by name and by address: counted in the database, so that every node counts along.

A window begins with the first count and ends five minutes later; counting is one statement, so attempts side by side
are counted one after the other.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import database
from engine.models import Base

WINDOW = timedelta(minutes=5)


class SignInCount(Base):
    """How often a name was tried, or an address failed, in the current window."""

    __tablename__ = "sign_in_count"
    __table_args__ = (sa.Index("ix_sign_in_count_ends_at", "ends_at"),)

    #: ``name:`` or ``address:`` and the SHA-256 of it, in hexadecimal: what was typed by mistake may be a password.
    key: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    count: Mapped[int]
    #: UTC; counting then begins anew.
    ends_at: Mapped[datetime]


def key_of(kind: str, text: str) -> str:
    """Return the key under which a name or an address is counted."""
    return f"{kind}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def hit(session: Session, key: str, *, now: datetime) -> tuple[int, datetime]:
    """Count once more; return the count, this one included, and when the window ends."""
    is_over = SignInCount.ends_at <= now
    counted = (
        database.insert(session.get_bind().dialect.name, SignInCount)
        .values(key=key, count=1, ends_at=now + WINDOW)
        .on_conflict_do_update(
            index_elements=[SignInCount.key],
            set_={
                "count": sa.case((is_over, 1), else_=SignInCount.count + 1),
                "ends_at": sa.case((is_over, now + WINDOW), else_=SignInCount.ends_at),
            },
        )
        .returning(SignInCount.count, SignInCount.ends_at)
    )
    row: Any = session.execute(counted).one()
    return row[0], row[1]


def seen(session: Session, key: str, *, now: datetime) -> tuple[int, datetime]:
    """Return the count so far and when its window ends, without counting."""
    row = session.execute(
        sa.select(SignInCount.count, SignInCount.ends_at).where(SignInCount.key == key, SignInCount.ends_at > now)
    ).one_or_none()
    return (row[0], row[1]) if row is not None else (0, now)


def forget(session: Session, key: str) -> None:
    """Begin anew for one key."""
    session.execute(sa.delete(SignInCount).where(SignInCount.key == key))


def sweep(session: Session, *, now: datetime) -> None:
    """Delete the windows that have ended."""
    session.execute(sa.delete(SignInCount).where(SignInCount.ends_at <= now))
