"""Wanting a file, making it, and taking it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.errors import NotFoundError
from app.jobs import enqueue
from reports.files.models import ReportFile
from reports.files.rules import KEPT_FOR, FileKind, Made

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from app.access import Actor
    from reports.files.rules import Wanted

MAKE_JOB: Final = "reports.file"
Report: TypeAlias = "Callable[[int, int, str], None]"
Maker: TypeAlias = "Callable[[Actor, Mapping[str, Any], Report], Made]"
"""Makes a file from what was wanted, in the language that is in force, and says how far it is."""


def want_file(actor: Actor, wanted: Wanted, language: str) -> int:
    """Have a job make a file and return its id; the same wish within ten minutes is one file.

    Files older than a week are thrown away on the way.
    """
    try:
        with db.transaction() as session:
            return _want(session, actor, wanted, language)
    except IntegrityError:
        with db.transaction() as session:  # clicked twice at once: the other one is found now
            return _want(session, actor, wanted, language)


def _want(session: Session, actor: Actor, wanted: Wanted, language: str) -> int:
    now = clock.now()
    key = wanted.key(now)
    mine = ReportFile.made_by == actor.user_id
    session.execute(delete(ReportFile).where(mine, ReportFile.wanted_at <= now - KEPT_FOR))
    known = session.scalar(select(ReportFile.id).where(mine, ReportFile.client_key == key))
    if known is not None:
        return known
    row = ReportFile(
        client_key=key,
        made_by=actor.user_id,
        kind=wanted.kind,
        name=wanted.name,
        wanted_at=now,
        mimetype="",
        sha256="",
    )
    session.add(row)
    session.flush()
    payload = {"file_id": row.id, "about": dict(wanted.about), "language": language}
    row.job_id = enqueue(session, MAKE_JOB, actor.user_id, payload).id
    return row.id


def make_file(
    actor: Actor, payload: Mapping[str, Any], report: Report, makers: Mapping[FileKind, Maker]
) -> Mapping[str, Any]:
    """Make a file that was wanted; again, it is put in the place of the first. What leaves is logged by its maker.

    The language in force is that of who asked.
    """
    row = db.session().get(ReportFile, payload["file_id"])
    if row is None:
        raise NotFoundError
    kind = FileKind(row.kind)
    made = makers[kind](actor, payload["about"], report)
    with db.transaction() as session:
        stored = session.get_one(ReportFile, row.id, with_for_update=True)
        stored.content, stored.mimetype, stored.sha256 = made.content, made.mimetype, made.sha256
    return {"bytes": len(made.content)}


def note_taking(actor: Actor, row: ReportFile) -> None:
    """Log that somebody takes a file, before it is handed out."""
    with db.transaction() as session:
        details = {"form": row.kind, "name": row.name, "sha256": row.sha256}
        record(session, actor, "report_file.taken", ("report_file", row.id), details)
