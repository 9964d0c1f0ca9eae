"""Pages of those who teach: today's lessons, the console, the projector, a lesson afterwards, a class's lessons."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import segno
from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for

from app import clock, db, realtime
from app.errors import InvalidError, NotFoundError
from app.http import current_actor, translate
from app.i18n import N_, say
from app.lists.rules import Column, Filter, ListSpec, choices_of, in_memory
from app.lists.views import answer
from app.school.queries import class_for, classes_for, latest_year
from app.school.rules import SESSION_NAMES, DaySession
from classroom.activities.queries import milliseconds
from classroom.ledger import events as ledger
from classroom.lessons import commands, events, queries
from classroom.lessons.forms import StartForm
from classroom.lessons.models import Lesson
from classroom.lessons.rules import (
    LEAD_LESSON,
    VIEW_LESSON,
    LessonStart,
    is_screen_token,
    screen_token,
)

if TYPE_CHECKING:
    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.access import Actor
    from app.realtime import Peer

bp = Blueprint("lessons", __name__, template_folder="templates")


@bp.get("/lessons")
def index() -> str:
    """Show today's timetable with a button to begin each lesson, what goes on, and a lesson outside the timetable."""
    actor, today = current_actor(), clock.today()
    year = latest_year(db.session(), today)
    classes = classes_for(actor, LEAD_LESSON, year.id) if year else []
    return render_template(
        "lessons/index.html",
        planned=queries.planned_today(db.session(), actor.user_id, today),
        begun=queries.lessons_taught_by(db.session(), actor.user_id, today),
        classes=classes,
        may_lead={row.id for row in classes},
        day_session=queries.session_of(clock.local(clock.now()).hour).value,
        new_id=lambda: str(uuid.uuid4()),
        today=today,
    )


def home_card(actor: Actor) -> dict[str, object] | None:
    """Return today's lessons for the home page, None for those who teach none."""
    if not actor.may_somewhere(LEAD_LESSON):
        return None
    session, today = db.session(), clock.today()
    planned = queries.planned_today(session, actor.user_id, today)
    year = latest_year(session, today) if planned else None
    may_lead = {row.id for row in classes_for(actor, LEAD_LESSON, year.id)} if year else set()
    running = [row for row in queries.lessons_taught_by(session, actor.user_id, today) if not row.ended]
    return {
        "planned": planned,
        "may_lead": may_lead,
        "running": running,
        "new_id": lambda: str(uuid.uuid4()),
    }


@bp.post("/lessons")
def start() -> Response:
    """Begin a lesson and go to its console."""
    form, actor = StartForm(), current_actor()
    if not form.validate():
        raise InvalidError(say("Chưa bắt đầu được: hãy tải lại trang rồi chọn lại tiết học."))
    school_class = class_for(actor, LEAD_LESSON, form.class_id.data or 0)
    wanted = LessonStart(
        op_id=form.op_id.data or "",
        class_id=school_class.id,
        subject=(form.subject.data or "").strip(),
        day_session=DaySession(form.day_session.data),
        number=form.number.data,
    )
    return redirect(url_for("lessons.console", lesson_id=commands.start_lesson(actor, wanted)))


@bp.get("/lessons/<int:lesson_id>/console")
def console(lesson_id: int) -> str:
    """Show the teacher's console; the island begins with the same snapshot as the socket gives."""
    lesson = queries.lesson_for(current_actor(), LEAD_LESSON, lesson_id)
    ledger.watch(db.session(), lesson.id)
    state = {
        "snapshot": queries.teacher_snapshot(db.session(), lesson),
        "presence": ledger.presence(lesson.id),
        "now": milliseconds(clock.now()),
    }
    screen = url_for("lessons.screen", lesson_id=lesson.id, token=_token(lesson))
    after = url_for("outcomes.lesson", lesson_id=lesson.id)
    links = {
        "join": join_address(lesson.code),
        "screen": screen,
        "after": after,
        "me": current_actor().user_id,
    }
    return render_template("lessons/console.html", lesson=lesson, state=state, links=links)


@bp.get("/screen/<int:lesson_id>/<token>")
def screen(lesson_id: int, token: str) -> str:
    """Show the projector: whoever has this address may look on; it has no names and no solution before its time."""
    lesson = db.session().get(Lesson, lesson_id)
    if lesson is None or not is_screen_token(
        str(current_app.secret_key), lesson.id, lesson.screen_nonce, token
    ):
        raise NotFoundError
    address = join_address(lesson.code)
    return render_template(
        "lessons/screen.html",
        lesson=lesson,
        token=token,
        state=events.screen_state(lesson.id),
        address=address,
        qr=qr_picture(address),
    )


@bp.get("/classes/<int:class_id>/lessons")
def of_class(class_id: int) -> FileResponse | str:
    """List the live lessons of a class."""
    school_class = class_for(current_actor(), VIEW_LESSON, class_id)
    lessons = queries.lessons_of_class(db.session(), school_class.id)
    spec = _class_list(lessons)
    return answer("lessons/of_class.html", spec, in_memory(spec, lessons), school_class=school_class)


def _class_list(lessons: list[Lesson]) -> ListSpec[Lesson]:
    return ListSpec(
        name="lessons",
        title=N_("Tiết học tương tác"),
        columns=(
            Column(
                "day",
                N_("Ngày"),
                lambda row: row.held_on,
                link=lambda row: url_for("outcomes.lesson", lesson_id=row.id),
            ),
            Column("subject", N_("Môn học"), lambda row: row.subject),
            Column("session", N_("Buổi"), lambda row: translate(SESSION_NAMES[DaySession(row.day_session)])),
            Column("number", N_("Tiết"), lambda row: row.number, numeric=True),
        ),
        filters=(
            Filter(
                "subject",
                N_("Môn học"),
                choices_of(lessons, lambda row: row.subject),
                lambda row, wanted: row.subject == wanted,
            ),
        ),
        search_label=N_("Tìm theo môn hoặc ngày"),
        search=lambda row: f"{row.subject} {row.held_on:%d/%m/%Y}",
    )


@bp.post("/live/<door>/<name>")
def send_event(door: str, name: str) -> Response | tuple[Response, int]:
    """Answer a socket event over HTTP, for networks that block sockets: same check, same command, same answer."""
    peer: Peer | None = realtime.peer_of_request(door)
    if peer is None:
        raise NotFoundError
    body: Any = request.get_json(silent=True)
    ack = realtime.answer(peer, name, body)
    return jsonify(ack)


def join_address(code: str) -> str:
    """Return the address that a pupil's device opens, as the QR code has it."""
    public: str | None = current_app.extensions["bangxanh.settings"].public_url
    path = url_for("seats.join", code=code)
    return f"{public}{path}" if public else f"{request.host_url.rstrip('/')}{path}"


def qr_picture(address: str) -> str:
    """Return a QR code as an image address; an <img> needs no inline SVG and no style."""
    picture: str = segno.make(address, error="m", micro=False).svg_data_uri(border=1, scale=8)
    return picture


def _token(lesson: Lesson) -> str:
    return screen_token(str(current_app.secret_key), lesson.id, lesson.screen_nonce)
