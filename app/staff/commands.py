"""Writes of staff: bring a roster, confirm it, put it aside, and make its people and accounts in one transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app import clock, db
from app.access import Actor, Role
from app.accounts.commands import NewGrant, add_grant
from app.accounts.commands.managing import add_account, staff_row
from app.accounts.commands.slips import Slip, add_slips
from app.accounts.models import User
from app.accounts.queries.people import taken_usernames
from app.accounts.rules.names import first_password, free_username
from app.audit.commands import record
from app.errors import ConflictError
from app.i18n import N_, say
from app.jobs import Job, JobState, enqueue
from app.school.classes.commands.appointing import give_access_due
from app.school.models import Staff
from app.staff.models import StaffDetail, StaffImport
from app.staff.queries import known_staff
from app.staff.rules.roster import Kind, compared, from_json, is_teacher, to_json
from app.staff.rules.states import ImportState

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from app.accounts.rules.sealing import Sealer
    from app.staff.rules.roster import Person

APPLY_JOB: Final = "staff.apply"


def stage(actor: Actor, school_id: int, file_name: str, people: list[Person], client_key: str) -> int:
    """Store the preview of a roster and return its id; the same key twice is one import."""
    with db.transaction() as current:
        earlier = current.scalar(
            select(StaffImport.id).where(
                StaffImport.client_key == client_key, StaffImport.school_id == school_id
            )
        )
        if earlier is not None:
            return earlier
        row = StaffImport(
            school_id=school_id,
            client_key=client_key,
            file_name=file_name[:200] or "?",
            state=ImportState.PREVIEWED,
            preview=to_json(compared(people, known_staff(current, school_id))),
            uploaded_by=actor.user_id or None,
            uploaded_at=clock.now(),
        )
        current.add(row)
        current.flush()
        record(current, actor, "staff.uploaded", ("staff_import", row.id), {"file": row.file_name})
        return row.id


def confirm(actor: Actor, import_id: int, *, is_queued: bool = True) -> None:
    """Have a previewed roster applied by a job; one whose job failed may be confirmed again.

    The command line applies it itself: nothing is queued then.
    """
    with db.transaction() as current:
        row = current.get_one(StaffImport, import_id, with_for_update=True)
        job = current.get(Job, row.job_id) if row.job_id else None
        failed = row.state == ImportState.APPLYING and job is not None and job.state == JobState.FAILED
        if row.state != ImportState.PREVIEWED and not failed:
            raise ConflictError(say("Lần nhập này không còn chờ xác nhận. Hãy tải lại trang."))
        row.state = ImportState.APPLYING
        if is_queued:
            row.job_id = enqueue(current, APPLY_JOB, actor.user_id, {"import_id": row.id}).id


def discard(actor: Actor, import_id: int) -> None:
    """Put a previewed roster aside, and forget what it said."""
    with db.transaction() as current:
        row = current.get_one(StaffImport, import_id, with_for_update=True)
        if row.state != ImportState.PREVIEWED:
            raise ConflictError(say("Lần nhập này không còn chờ xác nhận. Hãy tải lại trang."))
        row.state, row.preview = ImportState.DISCARDED, "[]"
        record(current, actor, "staff.discarded", ("staff_import", row.id))


def apply_roster(
    import_id: int,
    user_id: int | None,
    hash_password: Callable[[str], str],
    sealer: Sealer,
    report: Callable[[int, int, str], None],
) -> int:
    """Make the people of a roster and an account for each who has none; return how many accounts were made.

    Hashing comes first, outside the transaction: a quarter of a second each must not hold the write lock.
    """
    row = db.session().get_one(StaffImport, import_id)
    people = [one for one in from_json(row.preview) if one.kind in {Kind.NEW, Kind.NO_ACCOUNT, Kind.KNOWN}]
    db.session().rollback()
    secrets: dict[int, tuple[str, str]] = {}
    waiting = [one for one in people if one.kind is not Kind.KNOWN]
    for done, one in enumerate(waiting):
        report(done, len(waiting), N_("Đang tạo mật khẩu"))
        password = first_password()
        secrets[one.row] = (password, hash_password(password))
    with db.transaction() as current:
        return _write(current, import_id, user_id, people, secrets, sealer)


def _write(
    current: Session,
    import_id: int,
    user_id: int | None,
    people: list[Person],
    secrets: dict[int, tuple[str, str]],
    sealer: Sealer,
) -> int:
    row = current.get_one(StaffImport, import_id, with_for_update=True)
    if row.state != ImportState.APPLYING:
        return 0
    actor = _who(current, user_id)
    taken, slips = taken_usernames(current), list[Slip]()
    for one in _still_so(current, row.school_id, people):
        staff = _staff(current, row.school_id, one)
        if staff.user_id is not None or one.row not in secrets:
            continue
        password, hashed = secrets[one.row]
        username = free_username(one.name, taken)
        taken.add(username)
        staff.user_id = add_account(current, actor, (username, one.name), hashed)
        give_access_due(current, actor, staff)
        if is_teacher(one):
            place = NewGrant(Role.TEACHER, row.school_id, clock.today(), reason=row.file_name)
            add_grant(current, actor, staff.user_id, place)
        slips.append(Slip(one.name, username, password))
    row.state, row.applied_at = ImportState.APPLIED, clock.now()
    if slips:
        row.slips_id = add_slips(current, sealer, actor, row.school_id, slips).id
    details = {"file": row.file_name, "people": len(people), "accounts": len(slips)}
    record(current, actor, "staff.applied", ("staff_import", row.id), details)
    return len(slips)


def _still_so(current: Session, school_id: int, people: list[Person]) -> list[Person]:
    """Compare once more: somebody may have made one of these people since the preview."""
    anew = [replace(one, kind=Kind.NEW, staff_id=None) for one in people]
    return [one for one in compared(anew, known_staff(current, school_id)) if one.kind is not Kind.BAD]


def _staff(current: Session, school_id: int, one: Person) -> Staff:
    """Return the member of staff that a row means, made or brought up to date."""
    staff = current.get(Staff, one.staff_id) if one.staff_id else None
    if staff is None:
        staff = staff_row(school_id, one.code or f"NS-{clock.now():%y%m%d%H%M%S}-{one.row}", one.name, None)
        current.add(staff)
        current.flush()
    detail = current.get(StaffDetail, staff.id)
    if detail is None:
        detail = StaffDetail(staff_id=staff.id)
        current.add(detail)
    detail.email = one.email or detail.email or ""
    detail.position = one.position or detail.position or ""
    detail.duty_group = one.duty_group or detail.duty_group or ""
    detail.subjects = one.subjects or detail.subjects or ""
    current.flush()
    return staff


def _who(current: Session, user_id: int | None) -> Actor:
    user = current.get(User, user_id) if user_id else None
    return Actor(user.id, user.full_name) if user else Actor(0, N_("Hệ thống"))
