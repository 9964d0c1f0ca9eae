"""The papers of excuses: kept sealed, opened by who may decide and then logged, deleted when their time is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from app import clock, db
from app.access import SYSTEM
from app.audit.commands import record
from app.errors import NotFoundError
from app.sealing import sealer_for
from attendance.excuses.models import Excuse, ExcuseFile
from attendance.excuses.rules.papers import PaperKind, last_kept_before, require_room
from attendance.rulebook.queries import rulebook_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.access import Actor
    from attendance.excuses.rules.papers import Paper

PURPOSE: Final = "excuse-papers"


@dataclass(frozen=True, slots=True)
class Opened:
    """A paper as it is handed out."""

    kind: PaperKind
    content: bytes


def keep_papers(session: Session, actor: Actor, excuse_id: int, papers: Iterable[Paper]) -> None:
    """Store papers in the running transaction; the same file of an excuse again is not stored again.

    Raises InvalidError when there would be more than MOST_FILES.
    """
    known = set(session.scalars(select(ExcuseFile.sha256).where(ExcuseFile.excuse_id == excuse_id)))
    sealer = sealer_for(PURPOSE)
    for paper in papers:
        if paper.sha256 in known:
            continue
        known.add(paper.sha256)
        require_room(len(known))
        session.add(
            ExcuseFile(
                excuse_id=excuse_id,
                name=paper.name,
                kind=paper.kind,
                size=len(paper.content),
                sha256=paper.sha256,
                sealed=sealer.seal_bytes(paper.content),
                added_by=actor.user_id,
                added_at=clock.now(),
            )
        )
    session.flush()


def open_paper(actor: Actor, file_id: int) -> Opened:
    """Return a paper that was loaded for the actor, and log that it was opened. Raises NotFoundError once deleted."""
    with db.transaction() as session:
        row = session.get_one(ExcuseFile, file_id)
        content = sealer_for(PURPOSE).open_bytes(row.sealed) if row.sealed is not None else None
        if content is None:
            raise NotFoundError
        pupil_id = session.get_one(Excuse, row.excuse_id).pupil_id
        details = {"excuse": row.excuse_id, "file": row.id}
        record(session, actor, "excuse.paper_opened", ("pupil", pupil_id), details)
        return Opened(PaperKind(row.kind), content)


def delete_papers(session: Session, *which: ColumnElement[bool]) -> int:
    """Empty the papers that are meant, in the running transaction; return how many. That they were there stays."""
    ids: Sequence[int] = session.scalars(
        select(ExcuseFile.id).where(ExcuseFile.deleted_at.is_(None), *which)
    ).all()
    session.execute(
        update(ExcuseFile)
        .where(ExcuseFile.id.in_(ids))
        .values(sealed=None, deleted_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    return len(ids)


def delete_old_papers(today: date) -> int:
    """Delete the papers of excuses that ended longer ago than their school keeps them; return how many."""
    live = select(Excuse.school_id).join(ExcuseFile, ExcuseFile.excuse_id == Excuse.id)
    school_ids = db.session().scalars(live.where(ExcuseFile.deleted_at.is_(None)).distinct()).all()
    return sum(_delete_old_of(school_id, today) for school_id in school_ids)


def _delete_old_of(school_id: int, today: date) -> int:
    with db.transaction() as session:
        before = last_kept_before(today, rulebook_of(session, school_id).paper_days)
        over = select(Excuse.id).where(Excuse.school_id == school_id, Excuse.last_day < before)
        deleted = delete_papers(session, ExcuseFile.excuse_id.in_(over))
        if deleted:
            record(session, SYSTEM, "excuse.papers_deleted", ("unit", school_id), {"count": deleted})
        return deleted
