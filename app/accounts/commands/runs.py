"""Accounts for many people at once, by a job, class by class: pupils, and whoever another slice knows of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app import clock, db
from app.access import Role
from app.accounts.commands import NewGrant, add_grant
from app.accounts.commands.managing import add_account, renew_password
from app.accounts.commands.slips import Slip, add_slips
from app.accounts.models import AccountRun, User
from app.accounts.queries.holders import pupil_holders, users_beyond
from app.accounts.queries.people import taken_usernames
from app.accounts.rules.names import first_password, free_username
from app.audit.commands import record
from app.errors import NotFoundError
from app.i18n import N_, say
from app.jobs import enqueue
from app.school.models import SchoolClass
from app.school.queries import classes_of_school, latest_year

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.accounts.rules.holders import Holder
    from app.accounts.rules.sealing import Sealer

RUN_JOB: Final = "accounts.run"


@dataclass(frozen=True, slots=True)
class Source:
    """Where people of a role come from. `of_class` reads them; `made` is told, in the transaction, who got an account.

    A person in two classes must come back with `user_id` in the second, once `made` was told of the first.
    """

    of_class: Callable[[Session, SchoolClass, date], list[Holder]]
    made: Callable[[Session, Holder, int], None] = lambda _session, _holder, _user_id: None


_SOURCES: Final[dict[Role, Source]] = {Role.PUPIL: Source(pupil_holders)}


def use_source(role: Role, source: Source) -> None:
    """Have accounts of a role made for the people whom another slice keeps; a feature's `setup` calls this."""
    _SOURCES[role] = source


def roles_with_source() -> frozenset[Role]:
    """Return the roles for which accounts can be made many at once."""
    return frozenset(_SOURCES)


@dataclass(frozen=True, slots=True)
class WantedRun:
    """For whom accounts are wanted: a role of a class (None: every class); `resets` gives new first passwords too."""

    school_id: int
    role: Role
    client_key: str
    class_id: int | None = None
    resets: bool = False


def order_run(actor: Actor, wanted: WantedRun) -> int:
    """Have a job make accounts and return the run's id; the same key twice is one run.

    Raises NotFoundError for a class of another school, or a role that nobody keeps a list of.
    """
    with db.transaction() as current:
        earlier = current.scalar(
            select(AccountRun.id).where(
                AccountRun.client_key == wanted.client_key, AccountRun.school_id == wanted.school_id
            )
        )
        if earlier is not None:
            return earlier
        school_class = current.get(SchoolClass, wanted.class_id) if wanted.class_id else None
        is_strange = wanted.class_id and (school_class is None or school_class.school_id != wanted.school_id)
        if is_strange or wanted.role not in _SOURCES:
            raise NotFoundError
        row = AccountRun(
            school_id=wanted.school_id,
            class_id=wanted.class_id,
            role=wanted.role,
            resets=wanted.resets,
            client_key=wanted.client_key,
            made_by=actor.user_id or None,
            made_at=clock.now(),
        )
        current.add(row)
        current.flush()
        row.job_id = enqueue(current, RUN_JOB, actor.user_id, {"run_id": row.id}).id
        return row.id


def make_accounts(
    actor: Actor,
    run_id: int,
    hash_password: Callable[[str], str],
    sealer: Sealer,
    report: Callable[[int, int, str], None],
) -> int:
    """Make the accounts of a run and their slips, a transaction for each class; return how many slips there are.

    Hashing comes first, outside the transaction. A run that was cut off goes on where it stopped: who has an account by
    then gets none.
    """
    session, today = db.session(), clock.today()
    run = session.get_one(AccountRun, run_id)
    classes = _classes_of(session, run, today)
    total = sum(len(_waiting(session, run, one, today)) for one in classes)
    made = 0
    for school_class in classes:
        secrets: dict[int, tuple[str, str]] = {}
        for holder in _waiting(session, run, school_class, today):
            report(made + len(secrets), total, N_("Đang tạo mật khẩu"))
            password = first_password()
            secrets[holder.key] = (password, hash_password(password))
        made += len(secrets)
        session.rollback()
        with db.transaction() as current:
            _write_class(current, actor, run_id, school_class.id, secrets, sealer)
    return made


def _classes_of(session: Session, run: AccountRun, today: date) -> list[SchoolClass]:
    if run.class_id:
        return [session.get_one(SchoolClass, run.class_id)]
    year = latest_year(session, today)
    return classes_of_school(session, run.school_id, year.id) if year else []


def _waiting(session: Session, run: AccountRun, school_class: SchoolClass, today: date) -> list[Holder]:
    """Return who of a class has no account, and with `resets` those whose account is this role's and school's alone."""
    role = Role(run.role)
    holders = _SOURCES[role].of_class(session, school_class, today)
    others = users_beyond(session, [one.user_id for one in holders if one.user_id], role, run.school_id)
    return [one for one in holders if one.user_id is None or (run.resets and one.user_id not in others)]


def _write_class(
    current: Session,
    actor: Actor,
    run_id: int,
    class_id: int,
    secrets: dict[int, tuple[str, str]],
    sealer: Sealer,
) -> None:
    run, school_class = current.get_one(AccountRun, run_id), current.get_one(SchoolClass, class_id)
    taken = taken_usernames(current) if secrets else set()
    slips: list[Slip] = []
    for holder in _waiting(current, run, school_class, clock.today()):
        if holder.key in secrets:
            password, hashed = secrets[holder.key]
            username = _one_account(current, actor, run, holder, hashed, taken)
            taken.add(username)
            slips.append(Slip(holder.full_name, username, password, holder.about))
    if slips:
        add_slips(
            current,
            sealer,
            actor,
            run.school_id,
            slips,
            run_id=run.id,
            title=str(say("Lớp %(name)s", name=school_class.name)),
        )
        details = {"role": run.role, "count": len(slips)}
        record(current, actor, "accounts.made", ("class", class_id), details)


def _one_account(
    current: Session, actor: Actor, run: AccountRun, holder: Holder, hashed: str, taken: set[str]
) -> str:
    """Give somebody an account, or a new first password for the one there is; return the user name."""
    if holder.user_id is not None:
        renew_password(current, actor, holder.user_id, hashed)
        return current.get_one(User, holder.user_id).username
    username = free_username(holder.full_name, taken)
    user_id = add_account(current, actor, (username, holder.full_name), hashed)
    for pupil_id in holder.pupil_ids:
        add_grant(
            current,
            actor,
            user_id,
            NewGrant(Role(run.role), run.school_id, clock.today(), pupil_id=pupil_id),
        )
    _SOURCES[Role(run.role)].made(current, holder, user_id)
    return username
