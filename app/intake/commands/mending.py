"""What a person does about a file that the reader does not understand: explain headings, have an old font converted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app import clock, db, jobs
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.i18n import say
from app.intake.commands.imports import PREVIEW_JOB
from app.intake.models import HeadingAlias, RosterFile, RosterImport
from app.intake.queries import reading_of
from app.intake.rules.meanings import folded_heading, may_mean
from app.intake.rules.remedies import remedy_from_json
from app.intake.rules.states import KEEPS_FILE, ImportState
from app.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.intake.rules.rows import Field

LONGEST_HEADING = 200


def teach_headings(actor: Actor, school_id: int, meanings: Mapping[str, Field]) -> None:
    """Remember for a school what headings mean; a heading that is known already takes the new meaning.

    Raises InvalidError for a personal field that the school has not switched on, and for a heading that announces
    personal data and would fill another field.
    """
    try:
        with db.transaction() as session:
            _teach(session, actor, school_id, meanings)
    except IntegrityError as error:  # two people taught the same heading in one moment
        raise ConflictError(say("Tiêu đề này vừa được người khác ghi. Hãy tải lại trang.")) from error


def forget_heading(actor: Actor, school_id: int, alias_id: int) -> None:
    """Take a taught heading away again; one that is gone already is left so."""
    with db.transaction() as session:
        row = session.scalar(
            select(HeadingAlias).where(HeadingAlias.id == alias_id, HeadingAlias.school_id == school_id)
        )
        if row is None:
            return
        about = {"heading": row.heading, "field": row.field}
        session.execute(delete(HeadingAlias).where(HeadingAlias.id == row.id))
        record(session, actor, "heading.forgotten", ("school", school_id), about)


def explain_headings(actor: Actor, import_id: int, meanings: Mapping[str, Field]) -> None:
    """Teach the headings of a file that was brought, and read the file again with them."""
    with db.transaction() as session:
        row = _waiting(session, import_id)
        _teach(session, actor, row.school_id, meanings)
        _read_again(session, actor, row)


def convert_font(actor: Actor, import_id: int) -> None:
    """Read a file of an old encoding again, converted to Unicode; what comes out is previewed like any other file."""
    with db.transaction() as session:
        row = _waiting(session, import_id)
        remedy = remedy_from_json(row.remedy) if row.remedy else None
        if remedy is None or remedy.encoding is None:
            raise ConflictError(say("Tệp này không cần chuyển bảng mã. Hãy tải lại trang."))
        row.converts_from = remedy.encoding
        about = {"school_id": row.school_id, "file": row.file_name, "from": str(remedy.encoding)}
        record(session, actor, "roster.font_converted", ("import", row.id), about)
        _read_again(session, actor, row)


def _waiting(session: Session, import_id: int) -> RosterImport:
    """Return an import whose file is still there and not being written; raise ConflictError for any other."""
    row = session.get_one(RosterImport, import_id, with_for_update=True)
    reads = (KEEPS_FILE - {ImportState.APPLYING}) | {ImportState.UNREADABLE}
    if row.state not in reads or session.get(RosterFile, import_id) is None:
        raise ConflictError(say("Tệp của lần nhập này không còn được giữ. Hãy chọn lại tệp."))
    return row


def _read_again(session: Session, actor: Actor, row: RosterImport) -> None:
    row.state, row.problem, row.preview = ImportState.UPLOADED, None, None
    row.job_id = jobs.enqueue(session, PREVIEW_JOB, actor.user_id, {"import_id": row.id}).id


def _teach(session: Session, actor: Actor, school_id: int, meanings: Mapping[str, Field]) -> None:
    reading = reading_of(session, school_id)
    found = session.scalars(select(HeadingAlias).where(HeadingAlias.school_id == school_id))
    known = {row.heading_fold: row for row in found}
    for written, field in meanings.items():
        heading = clean_text(written)[:LONGEST_HEADING]
        if not (folded := folded_heading(heading)):
            raise InvalidError(say("Hãy ghi tiêu đề cột."), {"heading": say("Hãy ghi tiêu đề cột.")})
        if not may_mean(heading, field, reading):
            raise InvalidError(
                say("Cột “%(heading)s” là dữ liệu cá nhân. Chỉ nhập được khi hiệu trưởng đã bật mục này cho trường.",
                    heading=heading)
            )  # fmt: skip
        row = known.get(folded)
        if row is None:
            row = known[folded] = HeadingAlias(school_id=school_id, heading_fold=folded)
            session.add(row)
        row.heading, row.field = heading, field
        row.made_by, row.made_at = actor.user_id or None, clock.now()
        record(session, actor, "heading.taught", ("school", school_id), {"heading": heading, "field": field})
