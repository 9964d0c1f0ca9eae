"""Pages and pictures of slides: upload, progress, what a plan, a lesson, a projector and a pupil may look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock, db
from app.cookies import read_cookie
from app.errors import InvalidError, NotFoundError
from app.http import current_actor
from app.i18n import say
from app.jobs import Progress, current_jobs, offload
from app.pictures import form_of
from app.school.enrolment.queries import known_pupil_for
from app.school.queries import schools_for
from app.school.rules import VIEW_PUPIL
from app.text import clean_text
from classroom.activities.queries import content_of
from classroom.activities.rules import RULES, Kind, for_pupils_afterwards
from classroom.bank.commands import begin_plan
from classroom.bank.queries import own_plan_for, plan_for
from classroom.bank.rules import LONGEST_TITLE, USE_BANK, PlanDraft
from classroom.guests.queries import guest_of_device
from classroom.ink.queries import drawn_on
from classroom.lessons.events import DEVICE_COOKIE
from classroom.lessons.models import Lesson
from classroom.lessons.queries import lesson_for
from classroom.lessons.rules import VIEW_LESSON, is_screen_token
from classroom.seats.queries import seat_of_device
from classroom.seats.rules import device_hash
from classroom.slides import commands, queries
from classroom.slides.commands import taking
from classroom.slides.commands.filling import fill_plans
from classroom.slides.commands.pictures import page_of_picture
from classroom.slides.commands.rendering import converter
from classroom.slides.forms import OnceForm, SlidesForm
from classroom.slides.rules import LARGEST_FILE, Size, suffix_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.wiring import PupilAsked
    from classroom.activities.rules import Content
    from classroom.slides.queries import Deck

bp = Blueprint("slides", __name__, template_folder="templates")
KEPT_BY_BROWSERS: Final = "private, max-age=31536000, immutable"
"""A picture lies under the hash of its file and never changes; no cache but the reader's own may keep it."""
SHOWN_LESSONS: Final = 6


# --- plans --------------------------------------------------------------------------------------------------------


@bp.post("/plans/<int:plan_id>/slides")
def add(plan_id: int) -> Response:
    """Hang a presentation on one's own plan; a job draws its pages."""
    actor = current_actor()
    plan = own_plan_for(actor, plan_id)
    upload, op_id = _uploaded()
    deck_id = commands.add_deck(actor, plan.id, upload, op_id, _root())
    _fill(deck_id)
    return redirect(url_for("bank.plan", plan_id=plan.id, _anchor="slides"))


@bp.post("/plans/from-slides")
def begin() -> Response:
    """Begin a plan with a presentation: its pages become the plan as soon as they are drawn."""
    actor = current_actor()
    schools = schools_for(actor, USE_BANK)
    if not schools:
        raise NotFoundError
    upload, op_id = _uploaded()
    title = clean_text(Path(upload.name).stem)[:LONGEST_TITLE] or str(_("Bài trình chiếu"))
    plan_id = begin_plan(actor, schools[0].id, PlanDraft(title, "", ()), op_id)
    _fill(commands.add_deck(actor, plan_id, upload, op_id, _root()))
    return redirect(url_for("bank.plan", plan_id=plan_id, _anchor="slides"))


def _uploaded() -> tuple[commands.Upload, str]:
    form = SlidesForm()
    if not form.validate():
        raise InvalidError(say("Hãy chọn một tệp PDF hoặc một hình."), {"file": say("Hãy chọn một tệp.")})
    name, content = form.file.data.filename or "", form.file.data.read(LARGEST_FILE + 1)
    if form_of(content):
        content = offload(lambda: page_of_picture(content))
    suffix = suffix_of(name, content, takes_pptx=converter() is not None)
    return commands.Upload(name, suffix, content), form.op_id.data or ""


def _op_id() -> str:
    form = OnceForm()
    if not form.validate():
        raise InvalidError(say("Chưa làm được: hãy tải lại trang rồi thử lại."))
    return str(form.op_id.data)


def _fill(deck_id: int) -> None:
    """Where the same content was drawn before, no job will put it into an empty plan."""
    _plan_id, deck = queries.plan_of_deck(db.session(), deck_id)
    if not deck.is_waiting:
        fill_plans(deck.file.id)


@bp.post("/decks/<int:deck_id>/take-out")
def take_out(deck_id: int) -> Response:
    """Take a presentation off one's own plan; its slides and pictures leave the plan with it."""
    plan_id, deck = queries.plan_of_deck(db.session(), deck_id)
    own_plan_for(current_actor(), plan_id)
    named = taking.take_out(current_actor(), deck.id, _op_id())
    gone = ngettext(
        "%(num)s trang chiếu hoặc hình của tệp cũng ra khỏi kế hoạch.",
        "%(num)s trang chiếu hoặc hình của tệp cũng ra khỏi kế hoạch.",
        named,
    )
    told = _("Đã bỏ tệp %(number)s. Tiết học đã dùng tệp này vẫn giữ trang của mình.", number=deck.number)
    flash(f"{told} {gone}" if named else told, "success")
    return redirect(url_for("bank.plan", plan_id=plan_id, _anchor="slides"))


@bp.post("/decks/<int:deck_id>/put-back")
def put_back(deck_id: int) -> Response:
    """Hang a presentation that was taken out on the plan again."""
    plan_id, deck = queries.plan_of_deck(db.session(), deck_id)
    own_plan_for(current_actor(), plan_id)
    taking.put_back(current_actor(), deck.id, _op_id())
    flash(_("Đã lấy lại tệp %(number)s.", number=deck.number), "success")
    return redirect(url_for("bank.plan", plan_id=plan_id, _anchor="slides"))


@bp.get("/decks/<int:deck_id>/progress")
def progress(deck_id: int) -> Response:
    """Answer the page's question how far the pages are; have it load itself anew when they are there."""
    plan_id, deck = queries.plan_of_deck(db.session(), deck_id)
    plan_for(current_actor(), plan_id)
    answer = make_response(render_template("slides/progress.html", deck=deck, progress=progress_of(deck)))
    if not deck.is_waiting:
        answer.headers["HX-Refresh"] = "true"
    return answer


def progress_of(deck: Deck) -> Progress:
    """Return how far the drawing of a presentation is."""
    return current_jobs().progress(deck.file.job_id) if deck.file.job_id else Progress()


@bp.get("/decks/<int:deck_id>/picture")
def of_deck(deck_id: int) -> Response:
    """Show a page (?page=, from 1) of a presentation on a plan that one may read."""
    plan_id, deck = queries.plan_of_deck(db.session(), deck_id)
    (own_plan_for if deck.is_out else plan_for)(current_actor(), plan_id)
    slides, page = deck.slides, request.args.get("page", 1, type=int)
    if not 1 <= page <= len(slides):
        raise NotFoundError
    return _picture(slides[page - 1])


# --- lessons ------------------------------------------------------------------------------------------------------


@bp.get("/slides/<int:slide_id>")
def of_lesson(slide_id: int) -> Response:
    """Show a slide of a lesson to those who lead or see it; also one that is not shown yet."""
    activity, slide = queries.slide_of(db.session(), slide_id)
    lesson_for(current_actor(), VIEW_LESSON, activity.lesson_id)
    return _picture(slide)


@bp.get("/screen/<int:lesson_id>/<token>/slide")
def on_screen(lesson_id: int, token: str) -> Response:
    """Show a slide (?slide=) to a projector: whoever has its address may look on."""
    lesson = db.session().get(Lesson, lesson_id)
    secret = str(current_app.secret_key)
    if lesson is None or not is_screen_token(secret, lesson.id, lesson.screen_nonce, token):
        raise NotFoundError
    return _picture(_shown_slide(lesson.id), Size.LARGE)


@bp.get("/j/slide")
def on_device() -> Response:
    """Show a slide (?slide=) that was shown already to a device that holds a seat in its lesson, or is a guest's."""
    activity, slide = queries.slide_of(db.session(), request.args.get("slide", 0, type=int))
    device = device_hash(read_cookie(DEVICE_COOKIE) or "")
    holds = seat_of_device(db.session(), activity.lesson_id, device) or guest_of_device(
        db.session(), activity.lesson_id, device
    )
    if activity.shown_seq == 0 or not holds:
        raise NotFoundError
    return _picture(slide, Size.SMALL)


def _shown_slide(lesson_id: int) -> Content:
    activity, slide = queries.slide_of(db.session(), request.args.get("slide", 0, type=int))
    if activity.lesson_id != lesson_id or activity.shown_seq == 0:
        raise NotFoundError
    return slide


# --- afterwards ---------------------------------------------------------------------------------------------------


@bp.get("/pupils/<int:pupil_id>/slides")
def handed(pupil_id: int) -> str:
    """Show a pupil the own class's lessons again, slides with what was drawn on them and questions with what was right.

    ?lesson= chooses one.
    """
    pupil = known_pupil_for(current_actor(), VIEW_PUPIL, pupil_id, clock.today())
    lessons = queries.lessons_handed_on(db.session(), pupil.id)
    wanted = request.args.get("lesson", type=int)
    chosen = next((one for one in lessons if one.lesson_id == wanted), lessons[0] if lessons else None)
    items = queries.handed_on(db.session(), chosen.lesson_id) if chosen else []
    shown = [one for one in items if one.kind == Kind.SLIDE]
    slides = drawn_on(db.session(), chosen.lesson_id, shown) if chosen else []
    return render_template(
        "slides/handed.html",
        pupil=pupil,
        lessons=lessons,
        chosen=chosen,
        items=items,
        slides={slide.activity_id: slide for slide in slides},
        question_of=lambda item: for_pupils_afterwards(content_of(item.content)),
        rules=RULES,
    )


@bp.get("/pupils/<int:pupil_id>/slide")
def of_pupil(pupil_id: int) -> Response:
    """Show a slide (?slide=) of a lesson of the pupil's own class."""
    pupil = known_pupil_for(current_actor(), VIEW_PUPIL, pupil_id, clock.today())
    if "slide" not in request.args:
        raise InvalidError(say("Chưa chọn trang chiếu nào."))
    activity, slide = queries.slide_of(db.session(), request.args.get("slide", 0, type=int))
    own = {one.lesson_id for one in queries.lessons_handed_on(db.session(), pupil.id)}
    if activity.shown_seq == 0 or activity.lesson_id not in own:
        raise NotFoundError
    return _picture(slide)


def pupil_part(asked: PupilAsked) -> dict[str, object] | None:
    """Return the lessons that a pupil may look at again, for the page that has loaded the pupil."""
    lessons = queries.lessons_handed_on(db.session(), asked.pupil_id, asked.school_ids, SHOWN_LESSONS)
    return {"lessons": lessons, "pupil_id": asked.pupil_id} if lessons else None


def _picture(slide: Content, size: Size | None = None) -> Response:
    wanted = size or (Size.SMALL if request.args.get("size") == Size.SMALL.value else Size.LARGE)
    answer = make_response(queries.picture(_root(), slide, wanted))
    answer.headers["Content-Type"] = "image/webp"
    answer.headers["Cache-Control"] = KEPT_BY_BROWSERS
    return answer


def _root() -> Path:
    root: Path = current_app.extensions["bangxanh.settings"].instance
    return root
