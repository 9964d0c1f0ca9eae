"""Pages of lesson plans: the list, the editor with its preview, trying out, sharing, copies and versions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import db
from app.errors import InvalidError, NotFoundError
from app.http import current_actor, translate, tried
from app.i18n import N_, say
from app.lists.rules import Column, Filter, ListSpec, in_memory
from app.lists.views import answer
from app.payload import Size, build
from app.school.queries import schools_for
from app.text import clean_text
from classroom.activities.rules import RULES, checked_answer, share_right, shown_question, shown_solution
from classroom.activities.rules.content import LONGEST_TEXT
from classroom.activities.rules.reading import NO_DECKS, Decks, must_read, read_questions
from classroom.activities.rules.sketching import MOST_STROKES
from classroom.activities.rules.writing import written
from classroom.bank import commands, queries
from classroom.bank.forms import ArrangeForm, PlanForm
from classroom.bank.rules import USE_BANK, PlanDraft, asked, questions_of, rearranged, without
from classroom.slides.commands.rendering import converter
from classroom.slides.queries import decks_of, slides_by_number
from classroom.slides.rules import FAULTS
from classroom.slides.views import progress_of

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from classroom.activities.rules import Content
    from classroom.bank.queries import PlanRow
    from classroom.slides.queries import Deck

bp = Blueprint("bank", __name__, template_folder="templates")


@bp.get("/plans")
def index() -> str | Response:
    """List one's own plans and those that colleagues of the school share."""
    rows = queries.plans_seen_by(db.session(), current_actor())
    spec: ListSpec[PlanRow] = ListSpec(
        name="plans",
        title=say("Kế hoạch tiết học"),
        columns=(
            Column("title", N_("Tên kế hoạch"), lambda row: row.title,
                   link=lambda row: url_for("bank.plan", plan_id=row.id)),
            Column("subject", N_("Môn học"), lambda row: row.subject),
            Column("questions", N_("Số câu"), lambda row: row.questions, numeric=True),
            Column("owner", N_("Người soạn"), lambda row: row.owner),
            Column("updated", N_("Lưu lần cuối"), lambda row: row.updated_at),
        ),
        filters=(
            Filter("whose", N_("Của ai"), (("own", say("Của tôi")), ("shared", say("Được chia sẻ"))),
                   lambda row, whose: row.is_own == (whose == "own")),
        ),
        search_label=N_("Tìm kế hoạch"),
        search=lambda row: f"{row.title} {row.subject}",
    )  # fmt: skip
    return answer("bank/index.html", spec, in_memory(spec, rows))


@bp.get("/plans/new")
def new() -> str:
    """Ask for a new plan."""
    form = PlanForm(op_id=str(uuid.uuid4()), seen_version=0)
    return _editor(form, None)


@bp.post("/plans")
def create() -> BaseResponse | tuple[str, int]:
    """Store a new plan."""
    form, actor = PlanForm(), current_actor()
    schools = schools_for(actor, USE_BANK)
    if not schools:
        raise NotFoundError
    draft = _draft(form)
    if draft is None:
        return _editor(form, None), 422
    plan_id = commands.begin_plan(actor, schools[0].id, draft, form.op_id.data or "")
    flash(_("Đã lưu kế hoạch."), "success")
    return redirect(url_for("bank.plan", plan_id=plan_id))


@bp.get("/plans/<int:plan_id>")
def plan(plan_id: int) -> str:
    """Show a plan: its editor to the one who wrote it, its questions to colleagues. ?version= shows an earlier one."""
    actor = current_actor()
    found = queries.plan_for(actor, plan_id)
    number = request.args.get("version", found.version, type=int)
    version = queries.version_numbered(db.session(), found, number)
    if found.owner_id != actor.user_id:
        contents = questions_of(version.questions)
        return render_template(
            "bank/colleague.html",
            plan=found,
            questions=contents,
            new_id=str(uuid.uuid4()),
            rules=RULES,
            pictures=_pictures(decks_of(db.session(), plan_id)),
        )
    form = PlanForm(
        op_id=str(uuid.uuid4()),
        seen_version=found.version,
        title=version.title,
        subject=version.subject,
        text=written(questions_of(version.questions), slides_by_number(decks_of(db.session(), plan_id))),
    )
    return _editor(form, plan_id, shown=number)


@bp.post("/plans/<int:plan_id>")
def save(plan_id: int) -> BaseResponse | tuple[str, int]:
    """Store a new version of one's own plan."""
    form, actor = PlanForm(), current_actor()
    queries.own_plan_for(actor, plan_id)
    draft = _draft(form, slides_by_number(decks_of(db.session(), plan_id)))
    if draft is None:
        return _editor(form, plan_id), 422
    seen, op_id = form.seen_version.data or 0, form.op_id.data or ""
    if not tried(form, lambda: commands.save_plan(actor, plan_id, draft, seen, op_id)):
        # What was written is still there, and saving once more puts it over what the other window saved.
        form.seen_version.data = queries.own_plan_for(actor, plan_id).version
        form.op_id.data = str(uuid.uuid4())
        return _editor(form, plan_id), 409
    flash(_("Đã lưu kế hoạch."), "success")
    return redirect(url_for("bank.plan", plan_id=plan_id))


def _draft(form: PlanForm, decks: Decks = NO_DECKS) -> PlanDraft | None:
    """Return what was typed, None when something is wrong with it; the form says what."""
    if not form.validate():
        return None
    try:
        questions = must_read(form.text.data or "", decks)
    except InvalidError as error:
        form.text.errors = [translate(error.message)]
        return None
    return PlanDraft(clean_text(form.title.data or ""), clean_text(form.subject.data or ""), questions)


def _editor(form: PlanForm, plan_id: int | None, shown: int | None = None) -> str:
    found = queries.own_plan_for(current_actor(), plan_id) if plan_id else None
    decks = decks_of(db.session(), found.id) if found else []
    return render_template(
        "bank/editor.html",
        form=form,
        plan=found,
        shown=shown,
        decks=decks,
        pictures=_pictures(decks),
        faults=FAULTS,
        progress_of=progress_of,
        takes_pptx=converter() is not None,
        versions=queries.versions_of(db.session(), found) if found else [],
        reading=read_questions(form.text.data or "", slides_by_number(decks)),
        rules=RULES,
        new_id=lambda: str(uuid.uuid4()),
    )


# --- preview and order --------------------------------------------------------------------------------------------


@bp.post("/plans/preview")
def preview() -> str:
    """Show how a text is read, question by question; a question may change its place or leave first.

    ?plan= names the plan whose presentations the text may name, ?add= the one whose slides are added at the end. With
    ?back=1 the text is what it was before a file's questions came.
    """
    form = ArrangeForm()
    if not form.validate():
        raise InvalidError(say("Chưa xem trước được: hãy tải lại trang."))
    plan_id, added = request.args.get("plan", type=int), request.args.get("add", type=int)
    found = decks_of(db.session(), queries.own_plan_for(current_actor(), plan_id).id) if plan_id else []
    decks, pictures = slides_by_number(found), _pictures(found)
    before = form.before.data or "" if "back" in request.args else None
    reading = read_questions((form.text.data or "") if before is None else before, decks)
    number, steps = form.number.data, form.steps.data or 0
    if (number is None and added is None) or reading.faults or before is not None:
        return render_template(
            "bank/preview.html", reading=reading, text=before, rules=RULES, plan_id=plan_id, pictures=pictures
        )
    arranged = _arranged(reading.questions, number, steps)
    text = written((*arranged, *(decks.get(added, ()) if added else ())), decks)
    reading = read_questions(text, decks)
    return render_template(
        "bank/preview.html", reading=reading, text=text, rules=RULES, plan_id=plan_id, pictures=pictures
    )


def _arranged(contents: tuple[Content, ...], number: int | None, steps: int) -> tuple[Content, ...]:
    if number is None:
        return contents
    return rearranged(contents, number, steps) if steps else without(contents, number)


def _pictures(decks: list[Deck]) -> dict[str, int]:
    """Return {file: presentation} for a plan's pictures."""
    return {deck.file.sha256: deck.id for deck in decks}


def _picture(content: Content, pictures: dict[str, int]) -> dict[str, str]:
    """Return where the picture of a question is, for trying out; nothing where there is none."""
    if content.file not in pictures:
        return {}
    return {"picture": url_for("slides.of_deck", deck_id=pictures[content.file], page=content.page, size="s")}


# --- try out ------------------------------------------------------------------------------------------------------


@bp.get("/plans/<int:plan_id>/try")
def try_out(plan_id: int) -> str:
    """Show a plan as a pupil sees it; answers go nowhere."""
    found = queries.plan_for(current_actor(), plan_id)
    questions = asked(queries.questions_in(db.session(), found))
    pictures = _pictures(decks_of(db.session(), found.id))
    island = {
        "answer": url_for("bank.try_answer", plan_id=found.id),
        "questions": [shown_question(q) | _picture(q, pictures) for q in questions],
    }
    return render_template("bank/try.html", plan=found, island=island)


@dataclass(frozen=True, slots=True)
class Tried:
    """An answer to question `number` (from 1) of a plan that is tried out."""

    number: int
    answer: Annotated[tuple[Annotated[str, Size(1, LONGEST_TEXT)], ...], Size(1, MOST_STROKES + 1)]


@bp.post("/plans/<int:plan_id>/try")
def try_answer(plan_id: int) -> Response:
    """Mark an answer that is tried out; nothing is stored."""
    found = queries.plan_for(current_actor(), plan_id)
    tried = build(Tried, request.get_json(silent=True))
    questions = asked(queries.questions_in(db.session(), found))
    if not 1 <= tried.number <= len(questions):
        raise NotFoundError
    content = questions[tried.number - 1]
    given = checked_answer(content, tried.answer)
    share = share_right(content, given)
    solution = shown_solution(content)
    return jsonify({"answer": list(given), "share": None if share is None else float(share), **solution})


# --- sharing, copies, versions ------------------------------------------------------------------------------------


@bp.post("/plans/<int:plan_id>/share")
def share(plan_id: int) -> BaseResponse:
    """Show a plan to the colleagues of the school, or to nobody else again."""
    actor = current_actor()
    queries.own_plan_for(actor, plan_id)
    commands.share_plan(actor, plan_id, shared=request.form.get("shared") == "1")
    return redirect(url_for("bank.plan", plan_id=plan_id))


@bp.post("/plans/<int:plan_id>/copy")
def copy(plan_id: int) -> BaseResponse:
    """Make one's own plan out of this one."""
    actor = current_actor()
    found = queries.plan_for(actor, plan_id)
    made = commands.copy_plan(actor, found, _op_id())
    flash(_("Đã sao chép. Đây là bản của bạn."), "success")
    return redirect(url_for("bank.plan", plan_id=made))


@bp.post("/plans/<int:plan_id>/restore")
def restore(plan_id: int) -> BaseResponse:
    """Make an earlier version the newest."""
    actor = current_actor()
    queries.own_plan_for(actor, plan_id)
    commands.restore_version(actor, plan_id, request.form.get("number", 0, type=int), _op_id())
    return redirect(url_for("bank.plan", plan_id=plan_id))


@bp.post("/plans/<int:plan_id>/archive")
def archive(plan_id: int) -> BaseResponse:
    """Take a plan off the list."""
    actor = current_actor()
    queries.own_plan_for(actor, plan_id)
    commands.put_away(actor, plan_id, archived=True)
    flash(_("Đã cất kế hoạch. Các tiết học đã dùng nó vẫn giữ câu hỏi."), "success")
    return redirect(url_for("bank.index"))


def _op_id() -> str:
    op_id = request.form.get("op_id", "")
    if not 8 <= len(op_id) <= 36:  # noqa: PLR2004 - as in the form
        raise InvalidError(say("Chưa làm được: hãy tải lại trang rồi thử lại."))
    return op_id
