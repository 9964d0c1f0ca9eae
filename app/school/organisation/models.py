"""Tables of the organisation's history: former parents, and what became of what."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, ref


class OrgParent(Base):
    """A former parent of a unit. On days that no row covers, the parent is the unit's own `parent_id`."""

    __tablename__ = "org_parent"
    __table_args__ = (
        UniqueConstraint("unit_id", "starts_on"),
        CheckConstraint("ends_on > starts_on", name="dates"),
    )
    id: Mapped[Pk]
    unit_id: Mapped[int] = mapped_column(ref("org_unit.id"))
    parent_id: Mapped[int | None] = mapped_column(ref("org_unit.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class OrgSuccession(Base):
    """That one unit took the place of another on a day: merged, split, renamed or moved."""

    __tablename__ = "org_succession"
    __table_args__ = (
        UniqueConstraint("predecessor_id", "successor_id"),
        CheckConstraint("predecessor_id <> successor_id", name="two_units"),
    )
    id: Mapped[Pk]
    predecessor_id: Mapped[int] = mapped_column(ref("org_unit.id"))
    successor_id: Mapped[int] = mapped_column(ref("org_unit.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    on_date: Mapped[date]
