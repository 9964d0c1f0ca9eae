"""Writing what a school decides about its registers. Saving the same again changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from app import db
from app.audit.commands import record
from attendance.rulebook.models import AttendanceRule, SchoolCode
from attendance.rulebook.rules import check_letters, check_windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.access import Actor
    from attendance.rulebook.rules import Letter, Rulebook


def save_letters(actor: Actor, school_id: int, letters: Sequence[Letter]) -> None:
    """Let a school write its codes like this from now on, in this order; what was written keeps its meaning.

    Raises InvalidError naming the lines to mend.
    """
    check_letters(letters)
    with db.transaction() as session:
        session.execute(delete(SchoolCode).where(SchoolCode.school_id == school_id))
        session.add_all(
            SchoolCode(
                school_id=school_id,
                code_id=one.code_id,
                letter=one.letter,
                name=one.name,
                position=position,
                is_offered=one.is_offered,
            )
            for position, one in enumerate(letters, start=1)
        )
        details = {"letters": [f"{one.letter}={one.code_id}" for one in letters if one.is_offered]}
        record(session, actor, "attendance.letters_set", ("unit", school_id), details)


def save_rules(actor: Actor, school_id: int, rulebook: Rulebook) -> None:
    """Let these windows and this order of suggestions hold. Raises InvalidError."""
    check_windows(rulebook.teacher_days, rulebook.office_days)
    with db.transaction() as session:
        row = session.get(AttendanceRule, school_id) or AttendanceRule(school_id=school_id)
        row.teacher_days, row.office_days = rulebook.teacher_days, rulebook.office_days
        row.suggestion_order = ",".join(rulebook.order)
        row.paper_days, row.scan_days = rulebook.paper_days, rulebook.scan_days
        session.add(row)
        details = {
            "teacher_days": rulebook.teacher_days,
            "office_days": rulebook.office_days,
            "order": row.suggestion_order,
            "paper_days": rulebook.paper_days,
            "scan_days": rulebook.scan_days,
        }
        record(session, actor, "attendance.rules_set", ("unit", school_id), details)
