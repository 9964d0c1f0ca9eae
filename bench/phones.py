"""A pupil's page and a teacher's register sheet on a slow phone: what they weigh, and when a finger can tap.

Chromium with an empty cache, 400 kb/s and 400 ms for every request, the processor four times slower; server and browser
share the machine. The promise for a pupil's page: 100 kB and three seconds (interface.md). A teacher's sheet is taken
cold too: afterwards the device keeps it (docs/adr/0038-service-worker-and-shell.md).
"""

from __future__ import annotations

import statistics
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from playwright.sync_api import sync_playwright

from app import clock, db
from app.text import clean_text
from attendance.registers.models import AttendanceDay, Register
from attendance.registers.rules.chain import GENESIS
from attendance.registers.rules.states import RegisterState, SlotKind
from bench import schools
from classroom.activities.commands import add_question
from classroom.activities.commands.moving import move_activity
from classroom.activities.rules import Move, choice
from classroom.inquiries.commands import ask_question, judge
from classroom.inquiries.rules import InquiryState
from classroom.lessons.commands import switch
from classroom.lessons.models import Lesson
from classroom.lessons.rules import Switch
from classroom.seats.models import Seat
from config import Settings
from tests.browser.watching import PHONE, launch
from tests.servers import served_app
from wsgi import create_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from bench.schools import Class

PUPILS: Final = 45
BYTES_A_SECOND: Final = 400_000 // 8
LATENCY_MS: Final = 400
SLOWER: Final = 4
FORMULA: Final = choice(r"Tính $\frac{1}{2} + \frac{1}{3}$.", [r"$\frac{5}{6}$", r"$\frac{2}{5}$"], ["A"])
ASKED: Final = (
    "Vì sao lá cây có màu xanh?",
    "Ban đêm cây có quang hợp không?",
    "Cây nào nhả nhiều ô-xi nhất?",
)
NOTE_USABLE: Final = """(selector => {
  const look = () => {
    if (document.querySelector(selector)) window.usableAt = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""


@dataclass(frozen=True, slots=True)
class Visit:
    """One page: bytes over the wire with everything, milliseconds until it can be used."""

    page: str
    language: str
    kilobytes: float
    usable: float


def measure(runs: int) -> dict[str, Any]:
    """Measure each page so often, print medians, and return them."""
    with TemporaryDirectory() as folder:
        instance = Path(folder)
        settings = Settings.from_env({"BANGXANH_ENV": "development", "INSTANCE": folder})
        classes = schools.build(settings, 2, PUPILS, 1)
        codes = _open(settings, classes)
        sheet = f"/registers/{_lay_out(settings, classes[0])}"
        with (
            served_app(instance, {}) as server,
            sync_playwright() as playwright,
            closing(launch(playwright)) as browser,
        ):
            visits = [
                _median([_visit(browser, server.url, page, language, codes, classes) for _ in range(runs)])
                for page in ("join", "seated", "formula")
                for language in ("vi", "en")
            ]
            visits += [
                _median([_visit_sheet(browser, server.url, sheet, language, classes[0]) for _ in range(runs)])
                for language in ("vi", "en")
            ]
    _print(visits)
    return {"pages": [asdict(visit) for visit in visits]}


def _open(settings: Settings, classes: list[Class]) -> list[str]:
    """Open a question in each lesson, the second one's with a formula; switch on all that pupils' devices offer."""
    app, codes = create_app(settings), []
    with app.app_context():
        for place, row in enumerate(classes):
            formula = add_question(row.lesson_id, "formula-0001", FORMULA)
            for what in (Switch.TAKES_INQUIRIES, Switch.ASKS_CONFIDENCE, Switch.GROUPS):
                switch(row.lesson_id, what, on=True)
            _ask(row.lesson_id)
            move_activity(row.lesson_id, formula if place else row.activities[0], Move.OPEN)
            codes.append(_code(row.lesson_id))
        db.db.session.remove()
        db.db.engine.dispose()
    return codes


def _lay_out(settings: Settings, row: Class) -> int:
    """Make today's register of a class, which nobody has taken; return its id."""
    app = create_app(settings)
    with app.app_context():
        with db.transaction() as session:
            lesson = session.get_one(Lesson, row.lesson_id)
            unit, day = lesson.school_id, clock.today()
            session.add(
                AttendanceDay(
                    school_id=unit, day=day, last_sequence=0, last_hash=GENESIS, materialised_at=clock.now()
                )
            )
            register = Register(
                school_id=unit,
                class_id=lesson.class_id,
                day=day,
                slot_kind=SlotKind.SESSION,
                slot=1,
                programme_session=1,
                state=RegisterState.DUE,
            )
            session.add(register)
            session.flush()
            made = register.id
        db.db.session.remove()
        db.db.engine.dispose()
    return made


def _ask(lesson_id: int) -> None:
    pupils = db.session().query(Seat.pupil_id).filter_by(lesson_id=lesson_id).limit(len(ASKED))
    for number, (row, text) in enumerate(zip(pupils.all(), ASKED, strict=True)):
        db.session().rollback()
        inquiry = ask_question(lesson_id, row.pupil_id, f"ask-000{number}", clean_text(text))
        judge(lesson_id, inquiry, InquiryState.SHOWN)


def _code(lesson_id: int) -> str:
    return db.session().get_one(Lesson, lesson_id).code


def _visit(  # noqa: PLR0917, RUF100 - a page, in a language, of a lesson
    browser: Browser, url: str, page: str, language: str, codes: list[str], classes: list[Class]
) -> Visit:
    place = 1 if page == "formula" else 0
    ready = {"join": ".tile", "seated": "button.choice", "formula": "button.choice math"}[page]
    cookie = None if page == "join" else classes[place].pupil_cookies[0]
    settled = None if page == "join" else ".beside"
    wanted = _Wanted(page, language, f"/j/{codes[place]}", ready, settled)
    return _measured(browser, url, wanted, cookie)


def _visit_sheet(browser: Browser, url: str, address: str, language: str, row: Class) -> Visit:
    return _measured(browser, url, _Wanted("sheet", language, address, ".sheet-tile"), row.teacher_cookie)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A page in a language: its address, what shows that it can be used, and what it loads after that."""

    page: str
    language: str
    address: str
    ready: str
    settled: str | None = None


def _measured(browser: Browser, url: str, wanted: _Wanted, cookie: str | None) -> Visit:
    width, height = PHONE
    context = browser.new_context(
        base_url=url, viewport={"width": width, "height": height}, service_workers="block"
    )
    cookies = [("bx_lang", wanted.language), *([tuple(cookie.split("=", 1))] if cookie else [])]
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies])
    with closing(context):
        opened = context.new_page()
        received = _slow_down(opened)
        opened.add_init_script(f"{NOTE_USABLE}({wanted.ready!r})")
        opened.goto(wanted.address, wait_until="commit", timeout=120_000)
        opened.wait_for_function("() => window.usableAt > 0", timeout=120_000)
        if wanted.settled:
            opened.locator(wanted.settled).first.wait_for(timeout=120_000)
        opened.wait_for_load_state("networkidle", timeout=120_000)
        usable = float(opened.evaluate("window.usableAt"))
        return Visit(wanted.page, wanted.language, round(sum(received) / 1000, 1), round(usable))


def _slow_down(page: Page) -> list[float]:
    """Make network and processor slow; return a list that grows with the bytes of every answer."""
    received: list[float] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda told: received.append(told["encodedDataLength"]))
    slow = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": BYTES_A_SECOND}
    session.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": BYTES_A_SECOND})
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return received


def _median(visits: list[Visit]) -> Visit:
    first = visits[0]
    return Visit(
        first.page,
        first.language,
        max(visit.kilobytes for visit in visits),
        statistics.median(visit.usable for visit in visits),
    )


def _print(visits: list[Visit]) -> None:
    print("Pages of phones at 400 kb/s, 400 ms, a processor four times slower; nothing cached\n")
    print(f"{'page':12}{'language':>10}{'kB':>8}{'usable after':>15}")
    for one in visits:
        print(f"{one.page:12}{one.language:>10}{one.kilobytes:>8.1f}{one.usable / 1000:>13.2f} s")
    print(
        "\njoin: names to choose from; seated: a question and all panels; formula: the same with formulas drawn; "
        "sheet: a teacher's register of 45"
    )
