"""An import's way: staged with its file, previewed, confirmed, applied in one transaction, kept as history."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, ClassVar, Final

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app import clock, db, facts, jobs
from app.access import SYSTEM, Actor
from app.accounts.models import User
from app.accounts.queries import actor_of_user
from app.audit.commands import record
from app.contacts.commands import write_contacts
from app.errors import BangXanhError, ConflictError, InvalidError
from app.facts import Fact
from app.i18n import N_, say
from app.intake.commands.enrolling import Enrolling
from app.intake.commands.journaling import Journaling
from app.intake.commands.sources import Found, other_file
from app.intake.models import RosterFile, RosterImport, RosterJournal
from app.intake.queries import import_by_key, known_pupils, reading_of
from app.intake.rules.comparing import compare
from app.intake.rules.dating import Choice, Leaving
from app.intake.rules.preview import Preview, fingerprint, from_json, phrase_to_json, preview_of, to_json
from app.intake.rules.reading import sheets_in
from app.intake.rules.remedies import remedy_of, remedy_to_json
from app.intake.rules.roster import read_roster
from app.intake.rules.rows import AS_IT_IS, LegacyFontError, Roster, UnreadableFileError
from app.intake.rules.states import ImportState
from app.school.commands import ensure_year
from app.school.models import SchoolYear
from app.school.queries import classes_of_school, school_by_code, year_by_code
from app.school.rules import year_dates
from app.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.intake.commands.sources import OtherFile
    from app.intake.rules.comparing import Comparison
    from app.intake.rules.rows import Reading

    Report = Callable[[int, int, str], None]

PREVIEW_JOB: Final = "roster.preview"
APPLY_JOB: Final = "roster.apply"
LONGEST_FILE_NAME: Final = 200
KEPT_FOR: Final = timedelta(days=14)


@dataclass(frozen=True)
class RosterApplied(Fact):
    """A roster was written into a school: classes, pupils and memberships may differ from before."""

    fact_name: ClassVar[str] = "RosterApplied"
    import_id: int
    school_id: int
    year_id: int
    arrived: int
    updated: int
    moved: int
    left: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived. `converts_font`: one in an old encoding (VNI, TCVN3) is converted instead of refused."""

    file_name: str
    content: bytes
    converts_font: bool = False

    @property
    def sha256(self) -> str:
        """The digest of the content, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import at once did or would do."""

    preview: Preview
    applied: bool
    left_kept: int
    import_id: int | None = None


# --- through the pages --------------------------------------------------------------------------------------------


def stage_import(actor: Actor, school_id: int, year_code: str, upload: Upload, client_key: str) -> int:
    """Store a file and have it previewed by a job; return the import's id, the same for the same `client_key`."""
    if existing := import_by_key(db.session(), client_key):
        return existing.id
    try:
        with db.transaction() as session:
            year = ensure_year(session, year_code)
            row = _new_import(actor, school_id, year.id, upload, client_key)
            session.add(row)
            session.flush()
            session.add(RosterFile(import_id=row.id, content=upload.content))
            row.job_id = jobs.enqueue(session, PREVIEW_JOB, actor.user_id, {"import_id": row.id}).id
            record(session, actor, "roster.uploaded", ("import", row.id), _about(row))
            return row.id
    except IntegrityError:
        if existing := import_by_key(db.session(), client_key):
            return existing.id
        raise


def preview_import(import_id: int, report: Report) -> None:
    """Read the stored file and store what it would change; what cannot be read ends the import with the reason."""
    row = db.session().get(RosterImport, import_id)
    content = _content(db.session(), import_id)
    if row is None or row.state not in {ImportState.UPLOADED, ImportState.PREVIEWED} or content is None:
        return
    year = db.session().get_one(SchoolYear, row.year_id)
    school_id, first_year = row.school_id, _first_year(year)
    reading = reading_of(db.session(), school_id, row.converts_from)
    db.session().rollback()
    report(0, 3, N_("Đang đọc tệp"))
    try:
        roster = read_content(content, first_year, reading)
    except UnreadableFileError as error:
        _close(import_id, ImportState.UNREADABLE, error)
        return
    report(1, 3, N_("Đang so sánh với danh sách hiện có"))
    with db.transaction() as session:
        preview = compared(session, roster, school_id, year.id)[1]
        report(2, 3, N_("Đang chuẩn bị bản xem trước"))
        found = session.get_one(RosterImport, import_id, with_for_update=True)
        if found.state in {ImportState.UPLOADED, ImportState.PREVIEWED}:
            _show(found, preview)


def confirm_import(actor: Actor, import_id: int, choice: Choice, *, many_confirmed: bool) -> None:
    """Have a previewed import applied by a job. Asking twice is asking once.

    Raises InvalidError when many pupils are missing and their leaving was not confirmed once more, ConflictError when
    the import is not (any more) one that can be applied.
    """
    with db.transaction() as session:
        row = session.get_one(RosterImport, import_id, with_for_update=True)
        if row.state in {ImportState.APPLYING, ImportState.APPLIED}:
            return
        if row.state != ImportState.PREVIEWED or row.preview is None:
            raise ConflictError(say("Lần nhập này không còn chờ xác nhận. Hãy tải lại trang."))
        if choice.ends_missing and from_json(row.preview).many_are_missing and not many_confirmed:
            raise InvalidError(
                say(
                    "Hơn một phần mười học sinh của trường không có trong tệp. Nếu đúng vậy, hãy xác nhận thêm."
                ),
                {"confirm_many": say("Cần xác nhận thêm.")},
            )
        row.state, row.problem = ImportState.APPLYING, None
        row.ends_missing, row.missing_status = choice.ends_missing, choice.leaving
        row.applied_by = actor.user_id or None
        row.job_id = jobs.enqueue(session, APPLY_JOB, actor.user_id, {"import_id": row.id}).id


def apply_import(import_id: int, report: Report) -> None:
    """Write a confirmed import, all of it or nothing. What was applied before is not applied again.

    The file is compared anew: when the school has changed since the preview, nothing is written and the new preview
    is shown instead, so that nobody confirms what they have not seen.
    """
    row = db.session().get(RosterImport, import_id)
    content = _content(db.session(), import_id)
    if row is None or row.state != ImportState.APPLYING or content is None:
        return
    first_year = _first_year(db.session().get_one(SchoolYear, row.year_id))
    reading = reading_of(db.session(), row.school_id, row.converts_from)
    db.session().rollback()
    report(0, 0, N_("Đang đọc tệp"))
    try:
        roster = read_content(content, first_year, reading)
        with db.transaction() as session:
            _apply(session, import_id, roster, report)
    except BangXanhError as error:
        _close(import_id, ImportState.PREVIEWED, error)


def _apply(session: Session, import_id: int, roster: Roster | OtherFile, report: Report) -> None:
    row = session.get_one(RosterImport, import_id, with_for_update=True)
    if row.state != ImportState.APPLYING:
        return
    comparison, preview = compared(session, roster, row.school_id, row.year_id)
    if fingerprint(preview) != row.fingerprint:
        _show(row, preview)
        row.problem = phrase_to_json(
            say(
                "Danh sách của trường đã thay đổi từ lúc xem trước nên chưa ghi gì. Hãy xem lại rồi xác nhận lần nữa."
            )
        )
        return
    actor = _actor(session, row.applied_by)
    choice = Choice(row.ends_missing, Leaving(row.missing_status or Leaving.TRANSFERRED))
    _write(session, actor, row, (roster, comparison), choice, report)


def retry_import(actor: Actor, import_id: int) -> None:
    """Begin the job of an import again when it failed; one that still runs or has ended is left alone."""
    with db.transaction() as session:
        row = session.get_one(RosterImport, import_id, with_for_update=True)
        job = session.get(jobs.Job, row.job_id) if row.job_id else None
        kinds = {ImportState.UPLOADED: PREVIEW_JOB, ImportState.APPLYING: APPLY_JOB}
        kind = kinds.get(ImportState(row.state))
        if kind is None or job is None or job.state != jobs.JobState.FAILED:
            return
        row.job_id = jobs.enqueue(session, kind, actor.user_id, {"import_id": row.id}).id


def forget_stale_imports() -> int:
    """Discard what was uploaded two weeks ago and never applied: its file holds children's data. Return how many.

    Files that could not be read go as well, and with them what older imports did: those can no longer be undone.
    """
    before = clock.now() - KEPT_FOR
    with db.transaction() as session:
        _forget_older(session, before)
        stale = session.scalars(
            select(RosterImport).where(
                RosterImport.state.in_([ImportState.UPLOADED, ImportState.PREVIEWED]),
                RosterImport.uploaded_at < before,
            )
        ).all()
        for row in stale:
            row.state, row.preview = ImportState.DISCARDED, None
            _forget_file(session, row.id)
    return len(stale)


def _forget_older(session: Session, before: datetime) -> None:
    old = select(RosterImport.id).where(RosterImport.uploaded_at < before)
    unreadable = old.where(RosterImport.state == ImportState.UNREADABLE)
    session.execute(delete(RosterFile).where(RosterFile.import_id.in_(unreadable)))
    session.execute(
        update(RosterImport)
        .where(RosterImport.id.in_(unreadable), RosterImport.remedy.is_not(None))
        .values(remedy=None)
        .execution_options(synchronize_session=False)
    )
    applied = select(RosterImport.id).where(RosterImport.applied_at < before)
    session.execute(delete(RosterJournal).where(RosterJournal.import_id.in_(applied)))


def discard_import(actor: Actor, import_id: int) -> None:
    """Put an import that was not applied aside and forget its file; an applied one raises ConflictError."""
    with db.transaction() as session:
        row = session.get_one(RosterImport, import_id, with_for_update=True)
        if row.state in {ImportState.APPLYING, ImportState.APPLIED, ImportState.UNDONE}:
            raise ConflictError(say("Lần nhập này đã ghi vào hệ thống nên không bỏ được nữa."))
        if row.state != ImportState.DISCARDED:
            row.state, row.preview, row.remedy = ImportState.DISCARDED, None, None
            _forget_file(session, import_id)
            record(session, actor, "roster.discarded", ("import", import_id), _about(row))


# --- at once, for the command line --------------------------------------------------------------------------------


def import_at_once(
    actor: Actor,
    school_code: str,
    year_code: str,
    upload: Upload,
    choice: Choice,
    *,
    apply: bool,
    many_confirmed: bool,
) -> Outcome:
    """Read, compare and, with `apply`, write a roster. Without it nothing at all is stored.

    Pupils who are missing from the file leave when `choice` says so, unless they are more than a tenth and that was
    not confirmed: then they stay, and `left_kept` counts them. Raises UnreadableFileError, InvalidError.
    """
    school_id = school_by_code(db.session(), school_code).id
    first_year, reading = year_dates(year_code)[0].year, reading_of(db.session(), school_id)
    read = _read_converting if upload.converts_font else read_content
    roster = read(upload.content, first_year, reading)
    if not apply:
        year_there = year_by_code(db.session(), year_code)
        preview = compared(db.session(), roster, school_id, year_there.id if year_there else None)[1]
        return Outcome(preview, applied=False, left_kept=0)
    with db.transaction() as session:
        year = ensure_year(session, year_code)
        comparison, preview = compared(session, roster, school_id, year.id)
        keeps = choice.ends_missing and comparison.many_are_missing and not many_confirmed
        decided = Choice(choice.ends_missing and not keeps, choice.leaving)
        row = _new_import(
            actor, school_id, year.id, upload, f"cli-{clock.now().timestamp()}-{upload.sha256[:16]}"
        )
        row.ends_missing, row.missing_status = decided.ends_missing, decided.leaving
        session.add(row)
        session.flush()
        _show(row, preview)
        _write(session, actor, row, (roster, comparison), decided, lambda *_: None)
        kept = 0 if decided.ends_missing else len(comparison.missing)
        return Outcome(preview, applied=True, left_kept=kept, import_id=row.id)


# --- shared steps, each inside its caller's transaction -----------------------------------------------------------


def read_content(content: bytes, first_year: int, reading: Reading = AS_IT_IS) -> Roster | OtherFile:
    """Return the roster in a file's bytes; raise UnreadableFileError."""
    if (other := other_file(content, first_year)) is not None:
        return other
    with TemporaryDirectory() as folder:
        path = Path(folder) / "roster"
        path.write_bytes(content)
        with closing(sheets_in(path)) as sheets:
            return read_roster(sheets, first_year, reading)


def _read_converting(content: bytes, first_year: int, reading: Reading) -> Roster | OtherFile:
    """Return the roster, out of an old encoding when the file turns out to be in one that can be converted."""
    try:
        return read_content(content, first_year, reading)
    except LegacyFontError as error:
        if not error.samples:
            raise
        return read_content(content, first_year, replace(reading, converts_from=error.encoding))


def compared(
    session: Session, read: Roster | OtherFile, school_id: int, year_id: int | None
) -> tuple[Comparison, Preview]:
    """Return what a roster would change at a school, and how that is shown; `year_id` None is a year to come."""
    found = Found(read) if isinstance(read, Roster) else read.found_for(session, school_id, year_id)
    roster = found.roster
    codes = {row.code for row in roster.pupils if row.code} | {row.code for row in roster.bad if row.code}
    comparison = compare(roster, known_pupils(session, school_id, year_id, sorted(codes)), found.by_key)
    classes = classes_of_school(session, school_id, year_id) if year_id else []
    return comparison, preview_of(roster, comparison, [row.name for row in classes])


def _write(
    session: Session,
    actor: Actor,
    row: RosterImport,
    what: tuple[Roster | OtherFile, Comparison],
    choice: Choice,
    report: Report,
) -> None:
    read, comparison = what
    year = session.get_one(SchoolYear, row.year_id)
    journaling = Journaling(session, comparison.known_ids(ends_missing=choice.ends_missing))
    enrolling = Enrolling(session, row.school_id, year, report)
    left = enrolling.write(comparison, choice)
    updated = [(kept.pupil_id, kept.row) for kept in comparison.updated]
    contacts = {pupil_id: line.contact for pupil_id, line in enrolling.entered + updated if line.contact}
    write_contacts(session, row.school_id, contacts)
    journaling.keep(row.id, [pupil_id for pupil_id, _ in enrolling.entered], enrolling.made_classes)
    if not isinstance(read, Roster):
        stayed = {kept.row.key: kept.pupil_id for kept in comparison.kept if kept.row.key}
        read.write(session, actor, row.school_id, year, stayed | enrolling.keys)
    row.state, row.problem = ImportState.APPLIED, None
    row.applied_by, row.applied_at = actor.user_id or None, clock.now()
    _forget_file(session, row.id)
    numbers = comparison.numbers() | {"left": left, "bad": len(comparison.bad)}
    row.numbers = json.dumps(numbers)
    record(session, actor, "roster.applied", ("import", row.id), _about(row) | numbers)
    facts.record(
        session,
        RosterApplied(
            import_id=row.id,
            school_id=row.school_id,
            year_id=row.year_id,
            arrived=numbers["new"],
            updated=numbers["updated"],
            moved=numbers["moved"],
            left=left,
        ),
    )


def _new_import(actor: Actor, school_id: int, year_id: int, upload: Upload, client_key: str) -> RosterImport:
    return RosterImport(
        school_id=school_id,
        year_id=year_id,
        client_key=client_key,
        file_name=clean_text(upload.file_name)[-LONGEST_FILE_NAME:] or "roster",
        file_size=len(upload.content),
        sha256=upload.sha256,
        state=ImportState.UPLOADED,
        uploaded_by=actor.user_id or None,
        uploaded_at=clock.now(),
    )


def _show(row: RosterImport, preview: Preview) -> None:
    row.state, row.problem, row.remedy = ImportState.PREVIEWED, None, None
    row.preview, row.fingerprint = to_json(preview), fingerprint(preview)
    row.numbers = json.dumps(preview.numbers)


def _close(import_id: int, state: ImportState, error: BangXanhError) -> None:
    db.session().rollback()
    with db.transaction() as session:
        row = session.get_one(RosterImport, import_id)
        row.state, row.problem = state, phrase_to_json(str(error))
        remedy = remedy_of(error) if isinstance(error, UnreadableFileError) else None
        row.remedy = remedy_to_json(remedy) if remedy else None
        if state is ImportState.UNREADABLE and remedy is None:
            _forget_file(session, import_id)


def _forget_file(session: Session, import_id: int) -> None:
    session.execute(delete(RosterFile).where(RosterFile.import_id == import_id))


def _content(session: Session, import_id: int) -> bytes | None:
    return session.scalar(select(RosterFile.content).where(RosterFile.import_id == import_id))


def _actor(session: Session, user_id: int | None) -> Actor:
    user = session.get(User, user_id) if user_id else None
    return actor_of_user(session, user, clock.today()) if user else SYSTEM


def _about(row: RosterImport) -> dict[str, object]:
    return {"school_id": row.school_id, "file": row.file_name, "sha256": row.sha256}


def _first_year(year: SchoolYear) -> int:
    return year_dates(year.code)[0].year
