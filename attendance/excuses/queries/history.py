"""What was done with excuses, and which papers came with them. For showing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.accounts.models import User
from attendance.excuses.models import Excuse, ExcuseFile, ExcuseStep
from attendance.excuses.queries import excuses
from attendance.excuses.rules import ExcuseState, Step
from attendance.excuses.rules.papers import PaperKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from attendance.excuses.queries import ExcuseLine


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step taken with an excuse, for people."""

    step: Step
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper of an excuse, for people: not its content."""

    id: int
    name: str
    kind: PaperKind
    size: int
    is_deleted: bool


def with_history(session: Session, lines: Sequence[ExcuseLine]) -> list[ExcuseLine]:
    """Return excuses with what was done with each, in order, and its papers. Two queries."""
    ids = [line.row.id for line in lines]
    steps: defaultdict[int, list[StepLine]] = defaultdict(list)
    for row, name in session.execute(
        select(ExcuseStep, User.full_name)
        .join(User, User.id == ExcuseStep.by)
        .where(ExcuseStep.excuse_id.in_(ids))
        .order_by(ExcuseStep.id)
    ):
        steps[row.excuse_id].append(StepLine(Step(row.step), row.note, name, row.at))
    papers: defaultdict[int, list[PaperLine]] = defaultdict(list)
    for paper in session.scalars(
        select(ExcuseFile).where(ExcuseFile.excuse_id.in_(ids)).order_by(ExcuseFile.id)
    ):
        papers[paper.excuse_id].append(
            PaperLine(paper.id, paper.name, PaperKind(paper.kind), paper.size, paper.deleted_at is not None)
        )
    return [replace(line, steps=steps[line.row.id], papers=papers[line.row.id]) for line in lines]


def paper_counts(session: Session, school_id: int) -> dict[int, int]:
    """Return {excuse: papers that are still kept} of a school."""
    rows = session.execute(
        select(ExcuseFile.excuse_id, func.count())
        .join(Excuse, Excuse.id == ExcuseFile.excuse_id)
        .where(Excuse.school_id == school_id, ExcuseFile.deleted_at.is_(None))
        .group_by(ExcuseFile.excuse_id)
    )
    return {row[0]: row[1] for row in rows}


def asked_back(session: Session, pupil_ids: Collection[int]) -> list[ExcuseLine]:
    """Return the excuses of these pupils about which the school has asked, for who must answer."""
    found = [line for pupil_id in pupil_ids for line in excuses(session, pupil_id=pupil_id)]
    return with_history(session, [line for line in found if line.state is ExcuseState.NEEDS_INFO])


def papers_kept(session: Session, excuse_id: int) -> int:
    """Count the papers of an excuse that are still kept."""
    kept = select(func.count()).where(ExcuseFile.excuse_id == excuse_id, ExcuseFile.deleted_at.is_(None))
    return session.scalar(kept) or 0
