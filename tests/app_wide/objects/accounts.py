"""Accounts and what hangs on them: sign-ins, grants, slips, jobs, programs' keys, entries of the audit log."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Actor, Role
from app.accounts.commands import NewGrant, add_grant, new_user
from app.accounts.commands.slips import Slip, add_slips
from app.accounts.models import AccountRun, Grant, Passkey, SignIn, SlipBatch, User
from app.accounts.rules.sealing import Sealer
from app.audit.commands import record
from app.guardians.models import Guardian
from app.jobs import Job
from app.oneroster.models import OneRosterClient
from tests.app_wide.objects.kind import Kind, class_key, numbers, school_of, somebody_else
from tests.world import MONDAY

if TYPE_CHECKING:
    from tests.world import World


def _sign_in(world: World, role: Role, relation: str) -> int:
    owner = world.user_ids[role if relation == "own" else somebody_else(role)]
    world.client_of(owner)
    with world.app.app_context():
        return (
            db.session()
            .scalars(select(SignIn.id).where(SignIn.user_id == owner).order_by(SignIn.id.desc()))
            .first()
            or 0
        )


def _passkey(world: World, role: Role, relation: str) -> int:
    owner = world.user_ids[role if relation == "own" else somebody_else(role)]
    with world.app.app_context(), db.transaction() as session:
        key = Passkey(
            user_id=owner,
            credential_id=f"key-{next(numbers)}",
            public_key="",
            sign_count=0,
            transports="",
            relying_party="localhost",
            name="Điện thoại",
            created_at=clock.now(),
        )
        session.add(key)
        session.flush()
        return key.id


def _account(world: World, role: Role, relation: str) -> int:
    """A teacher's account of the school in question; nobody's in particular for the role itself."""
    return _grant(world, role, relation).user_id


def _grant_id(world: World, role: Role, relation: str) -> int:
    return _grant(world, role, relation).id


def _grant(world: World, role: Role, relation: str) -> Grant:
    name = f"{role}.{relation}.thay"
    school = "b" if relation == "other_school" else "a"
    place = NewGrant(
        Role.TEACHER, world.school_ids[school], clock.today(), world.class_ids[class_key(school)]
    )
    with world.app.app_context():
        with db.transaction() as session:
            user = session.scalar(select(User).where(User.username == name))
            if user is None:
                user = new_user(name, "Lê Văn Thầy", "x")
                session.add(user)
                session.flush()
            add_grant(session, SYSTEM, user.id, place)
            user_id = user.id
        newest = select(Grant).where(Grant.user_id == user_id).order_by(Grant.id.desc()).limit(1)
        return db.session().scalars(newest).one()


def _slips(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        batch = SlipBatch(
            school_id=school_of(world, role, relation),
            made_by=world.user_ids[role],
            made_at=clock.now(),
            count=1,
        )
        session.add(batch)
        session.flush()
        return batch.id


def _account_run(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        row = AccountRun(
            school_id=school_of(world, role, relation),
            role=Role.PUPIL,
            client_key=f"{role}-{relation}-run",
            made_by=world.user_ids[role],
            made_at=clock.now(),
        )
        session.add(row)
        session.flush()
        slips = [Slip("Lê Văn An", "le.van.an", "abcd-efgh-jkmn")]
        sealer = Sealer(world.app.config["SECRET_KEY"], "slips")
        actor = Actor(world.user_ids[role], "")
        add_slips(session, sealer, actor, row.school_id, slips, run_id=row.id)
        return row.id


def _client(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        row = OneRosterClient(
            school_id=school_of(world, role, relation),
            client_id=f"{role}-{relation}"[:40],
            secret_hash="",
            name="Moodle",
            scopes="",
            made_at=clock.now(),
            expires_on=MONDAY + timedelta(days=30),
        )
        session.add(row)
        session.flush()
        return row.id


def _job(world: World, role: Role, relation: str) -> int:
    owner = world.user_ids[role if relation == "own" else somebody_else(role)]
    with world.app.app_context(), db.transaction() as session:
        job = Job(kind="x", payload="{}", state="done", user_id=owner, created_at=clock.now())
        session.add(job)
        session.flush()
        return job.id


def _entry(world: World, role: Role, relation: str) -> int:
    subject = ("unit", school_of(world, role, relation))
    with world.app.app_context(), db.transaction() as session:
        return record(session, SYSTEM, "school.created", subject).sequence


def _guardian(world: World, role: Role, relation: str) -> int:
    """A guardian of a pupil of the school in question."""
    school = "b" if relation == "other_school" else "a"
    pupil_id = world.pupil_ids[class_key(school)][2]
    with world.app.app_context(), db.transaction() as session:
        row = Guardian(
            pupil_id=pupil_id,
            school_id=world.school_ids[school],
            client_key=f"{role}-{relation}-guardian",
            relationship="mother",
            full_name="Trần Thị Mẹ",
            made_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


KINDS: Final[dict[str, Kind]] = {
    "sign_in_id": Kind("self", _sign_in),
    "passkey_id": Kind("self", _passkey),
    "user_id": Kind("school", _account),
    "grant_id": Kind("school", _grant_id),
    "slip_id": Kind("school", _slips),
    "run_id": Kind("school", _account_run),
    "client_pk": Kind("school", _client),
    "job_id": Kind("self", _job),
    "entry_number": Kind("school", _entry),
    "guardian_id": Kind("school", _guardian),
}
