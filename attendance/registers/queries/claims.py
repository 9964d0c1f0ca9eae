"""What stands in registers on the rosters of classes: a reason not to change them behind the registers' back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from attendance.registers.models import MarkEvent, Register

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.claims import Ground


def registers_taken_on(session: Session, ground: Ground) -> int:
    """Count the registers of a ground's classes and days in which something was written after it was.

    Those written before knew the older rosters, which they keep as their own roster version.
    """
    written = (
        select(MarkEvent.id)
        .where(MarkEvent.register_id == Register.id, MarkEvent.at >= ground.written_at)
        .exists()
    )
    return (
        session.scalar(
            select(func.count())
            .select_from(Register)
            .where(Register.class_id.in_(ground.class_ids), Register.day >= ground.since, written)
        )
        or 0
    )
