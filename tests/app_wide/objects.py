"""What the URL arguments stand for in the school world: for each, an object at each relation to the asking role."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Actor, Gate, Reach, Role
from app.accounts.commands import NewGrant, add_grant, new_user
from app.accounts.commands.slips import Slip, add_slips
from app.accounts.models import AccountRun, Grant, Passkey, SignIn, SlipBatch, User
from app.accounts.rules.sealing import Sealer
from app.audit.commands import record
from app.guardians.models import Guardian
from app.intake.models import RosterImport
from app.jobs import Job
from app.merging import Pair
from app.oneroster.models import OneRosterClient
from app.school.calendar.commands import decide_days
from app.school.calendar.rules import Decision
from app.school.cards.models import CardPrint
from app.school.duplicates.commands import merge_pupils
from app.school.enrolment.commands import Destination, NewPupil, Step, enrol_pupil, transfer_pupil
from app.school.enrolment.commands.enrolling import new_pupil
from app.school.enrolment.commands.steps import change_by_key
from app.school.enrolment.rules import Coming
from app.school.groups.models import TeachingGroup
from app.school.models import SchoolClass, Subject
from app.school.rollover.commands import begin_rollover
from app.school.rules import DayKind, DaySession
from app.school.timetables.commands.versions import make_draft
from app.school.timetables.models import TimetableImport
from app.staff.models import StaffImport
from attendance.corrections.models import MarkCorrection
from attendance.excuses.commands import Asked, request_excuse
from attendance.excuses.commands.papers import keep_papers
from attendance.excuses.models import ExcuseFile
from attendance.excuses.rules import Source, Span
from attendance.excuses.rules.papers import Paper, PaperKind
from attendance.gates.models import Gate as CardGate
from attendance.outings.commands import plan_outing
from attendance.outings.rules import Plan as OutingPlan
from attendance.registers.commands.opening import open_register
from classroom.activities.models import Activity
from classroom.activities.queries import stored_content
from classroom.activities.rules.reading import must_read
from classroom.bank.commands import begin_plan
from classroom.bank.rules import PlanDraft
from classroom.lessons.models import Lesson
from classroom.slides.models import PlanDeck, SlideFile
from classroom.slides.queries import folder_of
from classroom.slides.rules import Page, slides_of
from reports.bulletins.models import Bulletin, BulletinOrder
from reports.exchange.models import OutgoingSlice
from reports.explorer.models import FigureView
from reports.files.models import ReportFile
from tests.world import MONDAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World

_numbers = count(1)
RELATIONS: Final = ("own", "other_class", "other_school", "absent")
ABSENT_ID: Final = 999_999
PROVINCE_ROLES: Final = frozenset({Role.DEPARTMENT_OFFICER, Role.HUB_OPERATOR})
"""Granted at the province in the world, so their unit holds both schools."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What an argument names: at the level of a school, a class, a pupil or oneself, and how to get one."""

    level: str
    make: Callable[[World, Role, str], Any]
    absent: Any = ABSENT_ID


def _school(world: World, role: Role, relation: str) -> int:
    del role
    return world.school_ids["b" if relation == "other_school" else "a"]


def _class(world: World, role: Role, relation: str) -> int:
    del role
    return world.class_ids[relation]


def _sign_in(world: World, role: Role, relation: str) -> int:
    owner = world.user_ids[role if relation == "own" else _somebody_else(role)]
    world.client_of(owner)
    with world.app.app_context():
        return (
            db.session()
            .scalars(select(SignIn.id).where(SignIn.user_id == owner).order_by(SignIn.id.desc()))
            .first()
            or 0
        )


def _passkey(world: World, role: Role, relation: str) -> int:
    owner = world.user_ids[role if relation == "own" else _somebody_else(role)]
    with world.app.app_context(), db.transaction() as session:
        key = Passkey(
            user_id=owner,
            credential_id=f"key-{next(_numbers)}",
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


def _entry(world: World, role: Role, relation: str) -> int:
    subject = ("unit", _school(world, role, relation))
    with world.app.app_context(), db.transaction() as session:
        return record(session, SYSTEM, "school.created", subject).sequence


def _job(world: World, role: Role, relation: str) -> int:
    owner = world.user_ids[role if relation == "own" else _somebody_else(role)]
    with world.app.app_context(), db.transaction() as session:
        job = Job(kind="x", payload="{}", state="done", user_id=owner, created_at=clock.now())
        session.add(job)
        session.flush()
        return job.id


def _roster_import(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        row = RosterImport(
            school_id=_school(world, role, relation),
            year_id=world.year_id,
            client_key=f"{role}-{relation}-import",
            file_name="danh-sach.xlsx",
            file_size=1,
            sha256="0" * 64,
            state="uploaded",
            uploaded_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _calendar_change(world: World, role: Role, relation: str) -> int:
    unit_id, day = _school(world, role, relation), date(2026, 11, 20)
    decision = Decision(day, day + timedelta(days=1), DayKind.EXAM)
    with world.app.app_context():
        return decide_days(SYSTEM, unit_id, decision, f"{role}-{relation}-change")


def _account(world: World, role: Role, relation: str) -> int:
    """A teacher's account of the school in question; nobody's in particular for the role itself."""
    return _grant(world, role, relation).user_id


def _grant_id(world: World, role: Role, relation: str) -> int:
    return _grant(world, role, relation).id


def _grant(world: World, role: Role, relation: str) -> Grant:
    name = f"{role}.{relation}.thay"
    school = "b" if relation == "other_school" else "a"
    place = NewGrant(
        Role.TEACHER, world.school_ids[school], clock.today(), world.class_ids[_class_key(school)]
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


def _class_key(school: str) -> str:
    return "other_school" if school == "b" else "own"


def _slips(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        batch = SlipBatch(
            school_id=_school(world, role, relation),
            made_by=world.user_ids[role],
            made_at=clock.now(),
            count=1,
        )
        session.add(batch)
        session.flush()
        return batch.id


def _card_print(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        row = CardPrint(
            school_id=_school(world, role, relation),
            year_id=world.year_id,
            client_key=f"{role}-{relation}-cards",
            address="",
            made_at=clock.now(),
            ready_at=clock.now(),
            content=b"%PDF",
        )
        session.add(row)
        session.flush()
        return row.id


def _client(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        row = OneRosterClient(
            school_id=_school(world, role, relation),
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


def _gate(world: World, role: Role, relation: str) -> int:
    key = f"{next(_numbers):016d}"
    with world.app.app_context(), db.transaction() as session:
        row = CardGate(
            school_id=_school(world, role, relation),
            name="Cổng chính",
            client_key=key,
            key_id=key,
            public_pem="",
            made_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _outing(world: World, role: Role, relation: str) -> int:
    plan = OutingPlan("Hội khỏe Phù Đổng", MONDAY, MONDAY)
    with world.app.app_context():
        return plan_outing(SYSTEM, _school(world, role, relation), plan, f"outing-{next(_numbers)}")


def _account_run(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        row = AccountRun(
            school_id=_school(world, role, relation),
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


def _staff_import(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        row = StaffImport(
            school_id=_school(world, role, relation),
            client_key=f"{role}-{relation}-staff",
            file_name="nhan-su.xlsx",
            state="previewed",
            preview="[]",
            uploaded_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _register(world: World, role: Role, relation: str) -> int:
    with world.app.app_context():
        school_class = db.session().get_one(SchoolClass, _class(world, role, relation))
        return open_register(school_class, MONDAY, DaySession.MORNING)


def _correction(world: World, role: Role, relation: str) -> int:
    """A request to correct the register of the class in question."""
    register_id = _register(world, role, relation)
    with world.app.app_context(), db.transaction() as session:
        row = MarkCorrection(
            client_key=f"{role}-{relation}-fix"[:40],
            register_id=register_id,
            pupil_id=world.pupil_ids[relation][next(_numbers) % 6],
            letter="P",
            why="Phụ huynh nộp đơn trễ",
            state="rejected",
            requested_by=world.user_ids[role],
            requested_at=clock.now(),
            decided_by=world.user_ids[role],
            decided_at=clock.now(),
            decision_note="",
        )
        session.add(row)
        session.flush()
        return row.id


def _excuse_file(world: World, role: Role, relation: str) -> int:
    """A paper of an excuse of the pupil in question."""
    excuse_id = _excuse(world, role, relation)
    with world.app.app_context(), db.transaction() as session:
        paper = Paper("a.pdf", PaperKind.PDF, b"%PDF-", "0" * 64)
        keep_papers(session, Actor(world.user_ids[role], ""), excuse_id, [paper])
        return session.scalars(select(ExcuseFile.id).where(ExcuseFile.excuse_id == excuse_id)).one()


def _excuse(world: World, role: Role, relation: str) -> int:
    """An excuse of the pupil in question."""
    span = Span(MONDAY, 1, MONDAY, 3)
    asked = Asked(f"{role}-{relation}-excuse"[:40], span, "Bệnh", Source.OFFICE)
    actor = Actor(world.user_ids[role], "")
    with world.app.app_context():
        pupil_id = world.pupil_ids[relation][0]
        return request_excuse(actor, pupil_id, _school(world, role, relation), asked)


def _enrolment_step(world: World, role: Role, relation: str) -> int:
    """A pupil enrolled by hand at the school in question."""
    key = "other_school" if relation == "other_school" else "own"
    step = Step(f"{role}-{relation}-step", MONDAY)
    with world.app.app_context():
        new = NewPupil(f"Lê Thị {role} {relation}", date(2016, 1, 1), "F")
        enrol_pupil(SYSTEM, new, world.class_ids[key], Coming.NEW, step)
        return change_by_key(db.session(), step.client_key) or 0


def _offer(world: World, role: Role, relation: str) -> int:
    """A pupil whom the other school has transferred to the school in question."""
    school_id = _school(world, role, relation)
    other = next(one for one in world.school_ids.values() if one != school_id)
    key = "own" if other == world.school_ids["a"] else "other_school"
    with world.app.app_context():
        new = NewPupil(f"Lê Thị {role} {relation} đi", date(2016, 1, 1), "F")
        pupil_id = enrol_pupil(
            SYSTEM, new, world.class_ids[key], Coming.NEW, Step(f"{role}-{relation}-in", MONDAY)
        )
        step = Step(f"{role}-{relation}-away", MONDAY)
        return transfer_pupil(SYSTEM, pupil_id, other, Destination(school_id), step)


def _rollover(world: World, role: Role, relation: str) -> int:
    """The open draft of the school in question; a school has one at a time."""
    with world.app.app_context():
        years = ("2026-2027", "2027-2028")
        return begin_rollover(SYSTEM, _school(world, role, relation), years, f"{role}-{relation}-rollover")


def _bulletin_order(world: World, role: Role, relation: str) -> int:
    """A wish for a report of the school in question, done."""
    with world.app.app_context(), db.transaction() as session:
        row = BulletinOrder(
            unit_id=_school(world, role, relation),
            period="2026-09",
            with_schools=False,
            client_key=f"{role}-{relation}-order-{next(_numbers)}",
            made_at=clock.now(),
            done_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _bulletin(world: World, role: Role, relation: str) -> int:
    """A filed report of the school in question."""
    order_id = _bulletin_order(world, role, relation)
    values: dict[str, object] = {
        "place_name": "Trường", "above": "", "period": "2026-09", "before": None, "year_ago": None,
        "as_of": "2026-10-05", "threshold": 10, "figures": [], "parts": [], "definitions": [], "sentences": [],
    }  # fmt: skip
    with world.app.app_context(), db.transaction() as session:
        row = Bulletin(
            unit_id=_school(world, role, relation),
            order_id=order_id,
            period="2026-09",
            revision=next(_numbers),
            content=json.dumps(values),
            sha256="0" * 64,
            paper_sha256="0" * 64,
            made_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _report_file(world: World, role: Role, relation: str) -> int:
    owner = world.user_ids[role if relation == "own" else _somebody_else(role)]
    with world.app.app_context(), db.transaction() as session:
        row = ReportFile(
            client_key=f"{role}-{relation}-file-{next(_numbers)}",
            made_by=owner,
            kind="attendance",
            name="chuyen-can.xlsx",
            wanted_at=clock.now(),
            mimetype="application/pdf",
            sha256="0" * 64,
            content=b"PK",
        )
        session.add(row)
        session.flush()
        return row.id


def _figure_view(world: World, role: Role, relation: str) -> int:
    owner = world.user_ids[role if relation == "own" else _somebody_else(role)]
    with world.app.app_context(), db.transaction() as session:
        row = FigureView(
            user_id=owner,
            client_key=f"{role}-{relation}-view-{next(_numbers)}",
            name="Chuyên cần",
            query="rows=place",
            is_pinned=False,
            made_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _twin(world: World, role: Role, relation: str) -> int:
    """Another pupil of the class, to be compared with."""
    del role
    return world.pupil_ids[relation][1]


def _merge(world: World, role: Role, relation: str) -> int:
    """Two records of one pupil at the school in question, made one."""
    key = "other_school" if relation == "other_school" else "own"
    with world.app.app_context():
        new = NewPupil(f"Lê Thị {role} {relation} hai", date(2016, 1, 1), "F")
        step = Step(f"{role}-{relation}-twin", MONDAY)
        kept = enrol_pupil(SYSTEM, new, world.class_ids[key], Coming.NEW, step)
        with db.transaction() as session:
            gone = new_pupil(session, new).id
        school_id = _school(world, role, relation)
        return merge_pupils(SYSTEM, school_id, Pair(kept, gone), (), f"{role}-{relation}-merge")


def _guardian(world: World, role: Role, relation: str) -> int:
    """A guardian of a pupil of the school in question."""
    school = "b" if relation == "other_school" else "a"
    pupil_id = world.pupil_ids[_class_key(school)][2]
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


def _lesson(world: World, role: Role, relation: str) -> int:
    """A lesson of the class in question: the role's own where the role teaches there, else somebody else's."""
    teaches = role in {Role.TEACHER, Role.HOMEROOM_TEACHER} and relation == "own"
    owner = world.user_ids[role if teaches else Role.HOMEROOM_TEACHER]
    with world.app.app_context(), db.transaction() as session:
        school_class = session.get_one(SchoolClass, _class(world, role, relation))
        lesson = Lesson(
            op_id=f"{next(_numbers)}-{role}-{relation}"[:36],
            school_id=school_class.school_id,
            class_id=school_class.id,
            owner_id=owner,
            subject="Toán",
            held_on=MONDAY,
            day_session=DaySession.MORNING,
            number=None,
            code=f"{len(role)}{role[0]}{relation[-4:]}".upper()[:6],
            screen_nonce="0" * 16,
            state="ended",
            seq=0,
            started_at=clock.now(),
        )
        session.add(lesson)
        session.flush()
        return lesson.id


def _plan(world: World, role: Role, relation: str) -> int:
    """A lesson plan that the role's own account wrote, at the school in question."""
    actor = Actor(world.user_ids[role], "Trần Thị Hường")
    draft = PlanDraft("Ôn tập", "Toán", must_read("1 + 1 = ?\nA. 1\n*B. 2"))
    with world.app.app_context():
        return begin_plan(actor, _school(world, role, relation), draft, f"{role}-{relation}"[:36])


def _slide_file(world: World) -> str:
    """The hash of a presentation of one page whose picture is there; a number makes it another one."""
    sha256 = f"{next(_numbers):064x}"
    folder = folder_of(world.app.extensions["bangxanh.settings"].instance, sha256)
    folder.mkdir(parents=True)
    for size in ("l", "s"):
        (folder / f"0001-{size}.webp").write_bytes(b"RIFF")
    return sha256


def _deck(world: World, role: Role, relation: str) -> int:
    """A presentation on a plan as `_plan` makes it."""
    sha256, actor = _slide_file(world), Actor(world.user_ids[role], "Trần Thị Hường")
    draft = PlanDraft("Bài giảng", "Toán", ())
    with world.app.app_context():
        plan_id = begin_plan(actor, _school(world, role, relation), draft, f"d-{role}-{relation}"[:36])
        with db.transaction() as session:
            file = SlideFile(
                sha256=sha256, suffix="pdf", size=1, state="ready",
                pages='[{"high": 1152, "text": "Trang"}]', uploaded_at=clock.now(),
            )  # fmt: skip
            session.add(file)
            session.flush()
            deck = PlanDeck(
                plan_id=plan_id, number=1, op_id="op-000001", file_id=file.id, name="bai.pdf",
                user_id=actor.user_id, added_at=clock.now(),
            )  # fmt: skip
            session.add(deck)
            session.flush()
            return deck.id


def _slide(world: World, role: Role, relation: str) -> int:
    """A slide in a lesson as `_lesson` makes it."""
    content, lesson_id = (
        slides_of(_slide_file(world), [Page(1152, "Trang")])[0],
        _lesson(world, role, relation),
    )
    with world.app.app_context(), db.transaction() as session:
        activity = Activity(
            lesson_id=lesson_id, op_id="op-slide-1", position=1, kind=content.kind.value,
            content=stored_content(content), phase="reading", shown_seq=1,
        )  # fmt: skip
        session.add(activity)
        session.flush()
        return activity.id


def _slice(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        row = OutgoingSlice(
            dataset="attendance",
            school_id=_school(world, role, relation),
            organisation=f"{role}-{relation}",
            period="2026-09",
            sequence=next(_numbers),
            content='{"rows": []}',
            sha256="0" * 64,
            row_count=0,
            certificate="{}",
            accepted_at=clock.now(),
            state="failed",
            next_try_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _group(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        name = f"{role}-{relation}"
        row = TeachingGroup(
            school_id=_school(world, role, relation),
            year_id=world.year_id,
            name=name,
            name_fold=name,
            name_sort=name,
            subject_id=session.scalars(select(Subject.id)).first(),
        )
        session.add(row)
        session.flush()
        return row.id


def _timetable(world: World, role: Role, relation: str) -> int:
    """A draft of the school in question."""
    key = f"{role}-{relation}-draft"
    with world.app.app_context():
        return make_draft(SYSTEM, _school(world, role, relation), world.year_id, key)


def _timetable_import(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        row = TimetableImport(
            school_id=_school(world, role, relation),
            year_id=world.year_id,
            client_key=f"{role}-{relation}-timetable",
            file_name="tkb.xlsx",
            cells="[]",
            uploaded_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _fixed(value: str) -> Kind:
    """An argument that names no object of ours: a kind of page, a token that nobody issued."""
    return Kind("token", lambda _world, _role, _relation: value, absent=value)


def _somebody_else(role: Role) -> Role:
    return Role.PRINCIPAL if role is not Role.PRINCIPAL else Role.OFFICE_CLERK


KINDS: Final[dict[str, Kind]] = {
    "school_id": Kind("school", _school),
    "class_id": Kind("class", _class),
    "unit_id": Kind("school", _school),
    "year_id": Kind("school", lambda world, _role, _relation: world.year_id),
    "plan_day": Kind("school", lambda _world, _role, _relation: "2027-01-18", absent="2027-01-18"),
    "change_id": Kind("school", _calendar_change),
    "sign_in_id": Kind("self", _sign_in),
    "entry_number": Kind("school", _entry),
    "passkey_id": Kind("self", _passkey),
    "job_id": Kind("self", _job),
    "import_id": Kind("school", _roster_import),
    "user_id": Kind("school", _account),
    "grant_id": Kind("school", _grant_id),
    "slip_id": Kind("school", _slips),
    "print_id": Kind("school", _card_print),
    "client_pk": Kind("school", _client),
    "collection": _fixed("users"),
    "sourced_id": _fixed("0" * 24),
    "class_sourced_id": _fixed("0" * 24),
    "inner": _fixed("students"),
    "gate_id": Kind("school", _gate),
    "outing_id": Kind("school", _outing),
    "run_id": Kind("school", _account_run),
    "timetable_id": Kind("school", _timetable),
    "timetable_import_id": Kind("school", _timetable_import),
    "staff_import_id": Kind("school", _staff_import),
    "register_id": Kind("class", _register),
    "correction_id": Kind("class", _correction),
    "excuse_id": Kind("pupil", _excuse),
    "excuse_file_id": Kind("pupil", _excuse_file),
    "month": _fixed("2026-09"),
    "period_key": _fixed("1"),
    "lesson_id": Kind("class", _lesson),
    "plan_id": Kind("school", _plan),
    "deck_id": Kind("school", _deck),
    "slide_id": Kind("class", _slide),
    "slice_id": Kind("school", _slice),
    "group_id": Kind("school", _group),
    "pupil_id": Kind("pupil", lambda world, _role, relation: world.pupil_ids[relation][0]),
    "step_id": Kind("school", _enrolment_step),
    "offer_id": Kind("school", _offer),
    "indicator_code": _fixed("attendance_rate"),
    "order_id": Kind("school", _bulletin_order),
    "view_id": Kind("self", _figure_view),
    "report_file_id": Kind("self", _report_file),
    "bulletin_id": Kind("school", _bulletin),
    "rollover_id": Kind("school", _rollover),
    "other_id": Kind("pupil", _twin),
    "merge_id": Kind("school", _merge),
    "guardian_id": Kind("school", _guardian),
    "occasion": _fixed("start"),
    "verb": _fixed("move"),
    "code": _fixed("ZZZZZZ"),
    "token": _fixed("0" * 24),
    "door": _fixed("pupil"),
    "name": _fixed("answer"),
    "page": _fixed("stage"),
    "filename": _fixed("favicon.svg"),
}


@dataclass
class Objects:
    """Gives URL arguments and expected answers for rows of the permission table."""

    world: World
    _made: dict[tuple[str, Role, str], Any] = field(default_factory=dict)

    def arguments(self, row: dict[str, Any], role: Role, relation: str) -> dict[str, Any]:
        """Return the URL's arguments: the target at the relation, all others at one's own."""
        names = self._argument_names(row["name"])
        return {
            name: self._one(name, role, relation if name == row["target"] else "own")
            for name in sorted(names)
        }

    def _argument_names(self, endpoint: str) -> set[str]:
        rules = self.world.app.url_map.iter_rules(endpoint)
        return {name for rule in rules for name in rule.arguments}

    def _one(self, name: str, role: Role, relation: str) -> object:
        kind = KINDS[name]
        if relation == "absent":
            return kind.absent
        if kind.level == "self":
            return kind.make(self.world, role, relation)
        key = (name, role, relation)
        if key not in self._made:
            self._made[key] = kind.make(self.world, role, relation)
        return self._made[key]

    def expected(self, row: dict[str, Any], role: Role, relation: str) -> bool:
        """Return whether the table lets the role in at this relation."""
        route = self.world.app.extensions["bangxanh.door"].routes[row["name"], row["method"]]
        permission = route.permission
        if permission.gate is Gate.CAPABILITY:
            return False
        if route.target is None:
            return permission.gate is not Gate.GRANT or role in permission.reach
        if relation == "absent":
            return False
        level = KINDS[route.target].level
        if permission.gate is not Gate.GRANT:
            return level != "self" or relation == "own"
        return self.reached(permission.reach.get(role), role, relation, level)

    @staticmethod
    def reached(reach: Reach | None, role: Role, relation: str, level: str) -> bool:
        """Return whether a permission that reaches so far lets the role in at this relation."""
        if reach is Reach.UNIT:
            return role in PROVINCE_ROLES or relation != "other_school"
        if reach is Reach.CLASS:
            return level in {"class", "pupil"} and relation == "own"
        return reach is Reach.SELF and level == "pupil" and relation == "own"


OBJECTS = Objects
