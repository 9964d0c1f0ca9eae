"""A canary in everything that anybody types or sends about one pupil, and a search of all there is for it."""

from __future__ import annotations

import subprocess
import uuid
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zipfile import ZipFile, is_zipfile

import psycopg
import pypdfium2  # type: ignore[import-untyped] # ships no types
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Gate, Role
from app.accounts.commands import NewGrant, add_grant, new_user
from app.audit.commands import record
from app.contacts.models import PupilContact
from app.db import Base
from app.guardians.models import Guardian
from app.intake.commands.imports import Upload, import_at_once
from app.intake.models import RosterFile
from app.merging import Pair
from app.oneroster.models import OneRosterLink
from app.photos.commands import switch_on
from app.photos.models import PupilPhoto
from app.school.cards.models import CardPrint
from app.school.duplicates.commands import merge_pupils
from app.school.models import Pupil
from app.school.pupils.commands import edit_pupil
from app.school.pupils.rules import Basics
from attendance.absences.commands import set_opening
from attendance.excuses.models import Excuse, ExcuseFile, ExcuseStep
from classroom.activities.rules import Content, Kind
from classroom.inquiries.commands import ask_question
from classroom.lessons.models import Lesson
from tests.app.intake.files import sheet
from tests.app.oneroster.test_packages import NO_CHOICE, Package
from tests.app.oneroster.test_rest import everything, let_in, program
from tests.app.test_pictures import photo
from tests.app_wide.objects import Objects
from tests.classroom.held import begin
from tests.world import MONDAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from app.accounts.models import User
    from tests.world import World

CANARY: Final = "kanarivogel"
NAME: Final = "Lê Thị Kanarivogel"
CODE: Final = "7041704199"
PHONE: Final = "0970417041"
READERS: Final = (
    Role.PRINCIPAL,
    Role.OFFICE_CLERK,
    Role.HOMEROOM_TEACHER,
    Role.DEPARTMENT_OFFICER,
    Role.TEACHER,
)
LEAVES: Final = {"accounts.sign_out", "accounts.sign_out_everywhere", "static"}


@dataclass
class Canary:
    """The pupil, and byte strings by which what is sealed or packed is found again: a photograph, papers, workbooks."""

    world: World
    pupil_id: int
    sealed: list[bytes]
    addresses: list[tuple[Role, str]] = field(default_factory=list)

    def is_in(self, content: bytes) -> bool:
        """Say whether some bytes hold the canary or a piece of what was sealed."""
        lowered = content.lower()
        return any(word.encode() in lowered for word in (CANARY, CODE, PHONE)) or any(
            piece in content for piece in self.sealed
        )

    # --- where it is looked for -------------------------------------------------------------------------------------

    def tables(self) -> list[str]:
        """Return the columns of any table in which it is found."""
        found = []
        for table in Base.metadata.sorted_tables:
            for row in db.session().execute(select(table)).mappings():
                for name, value in row.items():
                    if self.is_in(unpacked(value) if isinstance(value, bytes) else str(value).encode()):
                        found.append(f"{table.name}.{name}")
        db.session().rollback()
        return found

    def files(self) -> list[str]:
        """Return the files of the installation, the database's own and its log among them, that hold it."""
        folder: Path = self.world.app.extensions["bangxanh.settings"].instance
        return [str(one) for one in folder.rglob("*") if one.is_file() and self.is_in(one.read_bytes())]

    def pages(self) -> list[str]:
        """Return every address, of pages, workbooks and papers alike, at which a reader who may open it is shown it."""
        if not self.addresses:
            self.addresses = list(self._addresses())
        clients = {role: self.world.client(role, gave_factor=True) for role in READERS}
        return [
            address
            for role, address in self.addresses
            if self.is_in(unpacked(clients[role].get(address).data))
        ]

    def _addresses(self) -> Iterator[tuple[Role, str]]:
        objects = Objects(self.world)
        for (endpoint, method), route in self.world.app.extensions["bangxanh.door"].routes.items():
            role = next((one for one in READERS if _may(route.permission, one)), None)
            if method != "GET" or endpoint in LEAVES or role is None:
                continue
            arguments = objects.arguments({"name": endpoint, "target": route.target}, role, "own")
            if "pupil_id" in arguments:
                arguments["pupil_id"] = self.pupil_id
            with self.world.app.test_request_context():
                address = self.world.app.url_for(endpoint, **arguments)
            yield role, address
            if endpoint == "pupils.of_school":
                yield from ((role, f"{address}?standing=all{more}") for more in ("", "&format=xlsx"))

    def told_to_programs(self, credentials: tuple[str, str]) -> bool:
        """Say whether a program that reads the school over OneRoster is told it."""
        session = program(self.world, credentials)
        told = [everything(session, kind, 100) for kind in ("users", "enrollments", "classes")]
        return self.is_in(repr(told).encode())

    def dump(self, url: str) -> bool:
        """Say whether a dump of a PostgreSQL database holds it; it writes bytes as hexadecimal digits."""
        plain = url.replace("+psycopg", "")
        told = subprocess.run(["pg_dump", "--inserts", plain], capture_output=True, check=True).stdout
        return self.is_in(told) or any(piece.hex().encode() in told for piece in self.sealed)

    def dead_rows(self, url: str) -> bool:
        """Say whether the files of a PostgreSQL database hold it after VACUUM FULL, which writes every table anew."""
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("VACUUM FULL")
            connection.execute("CHECKPOINT")
            where = "SELECT oid FROM pg_database WHERE datname = current_database()"
            ((oid,),) = connection.execute(where).fetchall()
            ((folder,),) = connection.execute("SHOW data_directory").fetchall()
        return any(self.is_in(one.read_bytes()) for one in Path(folder, "base", str(oid)).iterdir())


def _may(permission: object, role: Role) -> bool:
    return permission.gate is not Gate.GRANT or role in permission.reach  # type: ignore[attr-defined]


def unpacked(content: bytes) -> bytes:
    """Return what is in a workbook or package, the text of a paper, or the bytes as they are, and what they were."""
    if is_zipfile(BytesIO(content)):
        with ZipFile(BytesIO(content)) as packed:
            return content + b"".join(packed.read(name) for name in packed.namelist())
    if content.startswith(b"%PDF") and b"%%EOF" in content:
        paper = pypdfium2.PdfDocument(content)
        text = "".join(page.get_textpage().get_text_range() for page in paper)
        paper.close()
        return text.replace("\r\n", " ").encode()
    return content


def pieces(content: bytes) -> list[bytes]:
    """Return pieces of bytes that are found wherever a database cut them into pages."""
    size = len(content)
    return [content[start : start + 40] for start in range(20, size - 40, max(size // 8, 60))]


# --- where it is put ------------------------------------------------------------------------------------------------


def plant(world: World, pupil_id: int) -> Canary:
    """Put the canary wherever people type or send something about a pupil. Within an application context."""
    school_id = world.school_ids["a"]
    edit_pupil(SYSTEM, pupil_id, Basics(f"Lê {CANARY.title()}", date(2016, 5, 1), "F", CODE, "Kinh"))
    edit_pupil(SYSTEM, pupil_id, Basics(NAME, date(2016, 5, 2), "F", CODE))
    set_opening(SYSTEM, pupil_id, world.year_id, 3, f"học bạ {CANARY}")
    _people(school_id, pupil_id)
    _lesson(world, pupil_id)
    switch_on(SYSTEM, school_id, "Giáo viên dạy thay cần nhận ra các em")
    db.session().rollback()
    clerk = world.client(Role.OFFICE_CLERK, gave_factor=True)
    _send(world, clerk, pupil_id)
    return Canary(world, pupil_id, [piece for one in _sealed() for piece in pieces(one)])


def _people(school_id: int, pupil_id: int) -> None:
    with db.transaction() as session:
        user = new_user(f"{CANARY}.4", NAME, "!")
        session.add(user)
        session.flush()
        grant = NewGrant(Role.PUPIL, school_id, MONDAY, pupil_id=pupil_id, reason=CANARY)
        add_grant(session, SYSTEM, user.id, grant)
        address = {"field": "address", "value": f"ấp {CANARY}", "updated_at": clock.now()}
        session.add(PupilContact(pupil_id=pupil_id, school_id=school_id, **address))
        mother = {"relationship": "mother", "full_name": f"Bà {CANARY}", "phone": PHONE}
        here = {"pupil_id": pupil_id, "school_id": school_id, "client_key": "g", "made_at": clock.now()}
        session.add(Guardian(**here, **mother))
        _excuse(school_id, pupil_id, user)


def _excuse(school_id: int, pupil_id: int, user: User) -> None:
    session = db.session()
    slots = {"first_day": MONDAY, "first_slot": 1, "last_day": MONDAY, "last_slot": 1}
    excuse = Excuse(
        **slots,
        client_key="e",
        school_id=school_id,
        pupil_id=pupil_id,
        reason=f"{CANARY} bệnh",
        source="guardian",
        state="rejected",
        requested_by=user.id,
        requested_at=clock.now(),
        decision_note=f"gọi {CANARY}",
    )
    session.add(excuse)
    session.flush()
    step = {"step": "reject", "note": f"gọi {CANARY}", "by": user.id, "at": clock.now()}
    session.add(ExcuseStep(excuse_id=excuse.id, **step))
    record(session, SYSTEM, "excuse.rejected", ("pupil", pupil_id), {"note": f"gọi {CANARY}"})


def _lesson(world: World, pupil_id: int) -> None:
    held = begin(world)
    held.seat(pupil_id)
    activity_id = held.ask(Content(Kind.TEXT, "Em kể về ngày nghỉ."))
    held.answer(pupil_id, activity_id, (f"em là {CANARY}",))
    with db.transaction() as session:
        session.get_one(Lesson, held.lesson_id).takes_inquiries = True
    ask_question(held.lesson_id, pupil_id, str(uuid.uuid4()), f"sao {CANARY} hót?")


def _send(world: World, clerk: FlaskClient, pupil_id: int) -> None:
    """Send what people send: a photograph, a paper, rosters; order cards; have programs told and files made."""
    school = f"/schools/{world.school_ids['a']}"
    picture = {"photo": (BytesIO(photo()), f"{CANARY}.jpg")}
    _done(clerk.post(f"/pupils/{pupil_id}/photo", data=picture))
    paper = {
        "files": [(BytesIO(photo()), f"giay {CANARY}.jpg")],
        "reason": f"{CANARY} sốt",
        "client_key": "canary-key-1",
    }
    days = {"first_day": "2026-10-12", "last_day": "2026-10-12", "first_slot": "1", "last_slot": "1"}
    _done(clerk.post(f"/pupils/{pupil_id}/excuses", data={**paper, **days}))
    for number, name in enumerate((f"{NAME} Hai", NAME)):  # the last one waits to be confirmed
        rows = (
            (1, "4/1", CODE, name, "02/05/2016", "Nữ", "Kinh"),
            (2, "4/1", "12", NAME, "31/02/2016", "Nữ", ""),
        )
        roster = {"file": (BytesIO(sheet(*rows)), f"{CANARY}.xlsx"), "client_key": f"canary-import-{number}"}
        answer = _done(clerk.post(f"{school}/imports", data={"year": "2026-2027", **roster}))
        if not number:
            _done(clerk.post(f"{answer.location}/apply", data={"leaving": "transferred"}))
    _done(clerk.post(f"{school}/cards", data={"key": "canary-cards", "pupil_id": str(pupil_id)}))
    officer = world.client(Role.DEPARTMENT_OFFICER, gave_factor=True)
    assert _done(officer.get("/reports/attendance.xlsx?month=2026-09")).location == "/reports/files"


def _done(answer: TestResponse) -> TestResponse:
    assert answer.status_code == 302, answer.text
    return answer


def _sealed() -> list[bytes]:
    """Return the bytes that hold the canary without a word of it: sealed, packed, drawn."""
    session = db.session()
    columns = (PupilPhoto.sealed, ExcuseFile.sealed, RosterFile.content, CardPrint.content)
    found = [one for column in columns for one in session.scalars(select(column)) if one]
    assert len(found) >= len(columns), "not everything was sent"
    return found


def exchange_packages(world: World, pupil_id: int) -> tuple[str, str]:
    """Have a system that knows the pupil send a OneRoster package; return what lets a program read the school."""
    key = f"u-{CANARY}"
    with db.transaction() as session:
        session.add(
            OneRosterLink(school_id=world.school_ids["a"], kind="pupil", sourced_id=key, pupil_id=pupil_id)
        )
    package = Package(
        users=[(key, "active", "true", f"{CANARY}.u", "Kanarivogel", "Lê Thị", "4", "o1")],
        enrollments=[("e1", "active", "c1", "o1", key, "student", "", "")],
        classes=[("c1", "active", "4/1", "4", "k1", "homeroom", "o1", "y1")],
    )
    upload = Upload(f"{CANARY}.zip", package.content())
    import_at_once(SYSTEM, "THA", "2026-2027", upload, NO_CHOICE, apply=True, many_confirmed=True)
    return let_in(world)


def merge_twin(world: World, pupil_id: int) -> int:
    """Merge a second record of the pupil into the first; return its number."""
    with db.transaction() as session:
        name = {"full_name": f"Lê {CANARY} Thị", "name_sort": "", "name_fold": f"le {CANARY} thi"}
        twin = Pupil(created_at=clock.now(), **name)
        session.add(twin)
        session.flush()
        twin_id = twin.id
        where = {"school_id": world.school_ids["a"], "field": "address", "value": f"xóm {CANARY}"}
        session.add(PupilContact(pupil_id=twin_id, updated_at=clock.now(), **where))
        record(session, SYSTEM, "pupil.edited", ("pupil", twin_id), {"full_name": [CANARY, "x"]})
    merge_pupils(SYSTEM, world.school_ids["a"], Pair(pupil_id, twin_id), (), "canary-merge")
    return twin_id
