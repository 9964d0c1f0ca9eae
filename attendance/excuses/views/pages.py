"""Pages of excuses: of a pupil with the form to ask, of one's classes or school with the buttons to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.access import Role
from app.errors import InvalidError, NotFoundError
from app.http import current_actor, translate
from app.i18n import N_
from app.jobs import offload
from app.lists.rules import Column, Filter, ListSpec, in_memory
from app.lists.views import answer
from app.school.pupils.queries import pupils_named
from app.school.queries import place_of_unit, places_of_pupil, pupil_for, school_for, schools_for
from attendance.excuses.commands import Asked, request_excuse
from attendance.excuses.forms import ExcuseForm, sent_files
from attendance.excuses.queries import ExcuseLine, draft_of, excuses, school_of_pupil
from attendance.excuses.queries.history import asked_back, paper_counts, with_history
from attendance.excuses.rules import (
    DECIDE_EXCUSE,
    REQUEST_EXCUSE,
    SOURCE_NAMES,
    STATE_NAMES,
    STEP_NAMES,
    VIEW_EXCUSES,
    VIEW_SCHOOL_EXCUSES,
    ExcuseState,
    Source,
)
from attendance.excuses.rules.papers import checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.access import Actor
    from app.school.models import Pupil

bp = Blueprint("excuses", __name__, template_folder="../templates")
UNPROCESSABLE: Final = 422


@bp.get("/attendance/excuses")
def index() -> Response | str:
    """Show the excuses of one's classes; who sees a school, or has one child here, goes on to it."""
    actor = current_actor()
    schools = schools_for(actor, VIEW_SCHOOL_EXCUSES)
    children = sorted({grant.pupil_id for grant in actor.grants if grant.pupil_id is not None})
    if len(schools) == 1:
        return redirect(url_for("excuses.of_school", school_id=schools[0].id))
    if len(children) == 1 and not schools:
        return redirect(url_for("excuses.of_pupil", pupil_id=children[0]))
    return render_template(
        "excuses/index.html",
        schools=schools,
        children=pupils_named(db.session(), children),
        lines=with_history(
            db.session(),
            excuses(db.session(), class_ids=actor.class_ids(VIEW_EXCUSES), reader_id=actor.user_id),
        ),
        deciding=actor.class_ids(DECIDE_EXCUSE),
        **_words(),
    )


@bp.get("/attendance/excuses/school/<int:school_id>")
def of_school(school_id: int) -> FileResponse | str:
    """Show a school's excuses, those that wait first."""
    actor = current_actor()
    unit = school_for(actor, VIEW_SCHOOL_EXCUSES, school_id)
    may_decide = actor.may(DECIDE_EXCUSE, place_of_unit(school_id))
    lines = excuses(db.session(), school_id=school_id, reader_id=actor.user_id)
    spec = _list_of(school_id, paper_counts(db.session(), school_id))
    return answer(
        "excuses/school.html", spec, in_memory(spec, lines), unit=unit, may_decide=may_decide, **_words()
    )


def _list_of(school_id: int, papers: Mapping[int, int]) -> ListSpec[ExcuseLine]:
    return ListSpec(
        name="excuses",
        title=N_("Đơn xin nghỉ học"),
        columns=(
            Column(
                "pupil",
                N_("Học sinh"),
                lambda line: line.pupil,
                order=lambda line: line.pupil_sort,
                link=lambda line: url_for("excuses.of_pupil", pupil_id=line.row.pupil_id),
            ),
            Column("class", N_("Lớp"), lambda line: line.class_name),
            Column("from", N_("Nghỉ từ"), lambda line: line.row.first_day),
            Column("to", N_("Đến hết"), lambda line: line.row.last_day),
            Column("reason", N_("Lý do"), lambda line: line.row.reason),
            Column("papers", N_("Giấy tờ"), lambda line: papers.get(line.row.id), numeric=True),
            Column("source", N_("Nguồn"), lambda line: translate(SOURCE_NAMES[line.source])),
            Column(
                "state",
                N_("Trạng thái"),
                lambda line: translate(STATE_NAMES[line.state]),
                tone=lambda line: TONES[line.state],
            ),
        ),
        filters=(
            Filter(
                "state",
                N_("Trạng thái"),
                tuple((state.value, name) for state, name in STATE_NAMES.items()),
                lambda line, wanted: line.row.state == wanted,
            ),
        ),
        search_label=N_("Tìm theo tên học sinh hoặc lớp"),
        search=lambda line: f"{line.pupil} {line.class_name}",
        subject=("unit", school_id),
    )


TONES: Final = {
    ExcuseState.DRAFT: "info",
    ExcuseState.SUBMITTED: "warn",
    ExcuseState.NEEDS_INFO: "warn",
    ExcuseState.APPROVED: "good",
    ExcuseState.REJECTED: "bad",
    ExcuseState.WITHDRAWN: "info",
}


@bp.get("/pupils/<int:pupil_id>/excuses")
def of_pupil(pupil_id: int) -> str:
    """Show a pupil's excuses, and the form for another one, or for the draft that is to be gone on with."""
    pupil = pupil_for(current_actor(), VIEW_EXCUSES, pupil_id, clock.today())
    return _pupil_page(pupil, _empty_form(pupil.id))


@bp.post("/pupils/<int:pupil_id>/excuses")
def ask(pupil_id: int) -> Response | tuple[str, int]:
    """Ask for a pupil to be excused."""
    actor, today = current_actor(), clock.today()
    pupil = pupil_for(actor, REQUEST_EXCUSE, pupil_id, today)
    school_id = school_of_pupil(db.session(), pupil_id, today)
    form = ExcuseForm()
    if school_id is None:
        raise NotFoundError
    if not form.validate_on_submit():
        return _pupil_page(pupil, form), UNPROCESSABLE
    is_draft = request.form.get("how") == "draft"
    may_decide = _may(actor, pupil_id, decide=True)
    files = sent_files(form.files)
    try:
        asked = Asked(
            form.client_key.data or "",
            form.span,
            (form.reason.data or "").strip(),
            _source(actor, school_id, may_decide),
            offload(lambda: checked(files)) if files else (),
            is_draft,
        )
        request_excuse(actor, pupil_id, school_id, asked, approve=may_decide and form.approve.data)
    except InvalidError as error:
        wrong = form.files if "files" in error.fields else form.last_day
        wrong.errors = [translate(error.message)]
        return _pupil_page(pupil, form), UNPROCESSABLE
    flash(_("Đã lưu bản nháp. Đơn chưa được gửi.") if is_draft else _("Đã ghi đơn xin nghỉ học."), "success")
    return redirect(url_for("excuses.of_pupil", pupil_id=pupil_id))


def _empty_form(pupil_id: int) -> ExcuseForm:
    today, asked = clock.today(), request.args.get("draft", 0, int)
    draft = draft_of(db.session(), asked, pupil_id, current_actor().user_id) if asked else None
    if draft is None:
        return ExcuseForm(client_key=uuid4().hex, first_day=today, last_day=today)
    names = ("client_key", "first_day", "first_slot", "last_day", "last_slot", "reason")
    return ExcuseForm(**{name: getattr(draft, name) for name in names})


def _source(actor: Actor, school_id: int, may_decide: bool) -> Source:  # noqa: FBT001 - one obvious flag
    if actor.may(VIEW_SCHOOL_EXCUSES, place_of_unit(school_id)):
        return Source.OFFICE
    return Source.HOMEROOM if may_decide else Source.GUARDIAN


def _may(actor: Actor, pupil_id: int, *, decide: bool) -> bool:
    permission = DECIDE_EXCUSE if decide else REQUEST_EXCUSE
    return any(actor.may(permission, place) for place in places_of_pupil(pupil_id, clock.today()))


def _pupil_page(pupil: Pupil, form: ExcuseForm) -> str:
    actor = current_actor()
    return render_template(
        "excuses/pupil.html",
        pupil=pupil,
        form=form,
        lines=with_history(db.session(), excuses(db.session(), pupil_id=pupil.id, reader_id=actor.user_id)),
        may_request=_may(actor, pupil.id, decide=False),
        may_decide=_may(actor, pupil.id, decide=True),
        **_words(),
    )


def _words() -> dict[str, object]:
    return {
        "state_names": STATE_NAMES,
        "source_names": SOURCE_NAMES,
        "step_names": STEP_NAMES,
        "local": clock.local,
    }


def answer_card(actor: Actor) -> dict[str, object] | None:
    """Return the excuses of one's children about which the school has asked; None when there is none."""
    children = {grant.pupil_id for grant in actor.grants if grant.role is Role.GUARDIAN and grant.pupil_id}
    found = asked_back(db.session(), sorted(children)) if children else []
    return {"lines": found} if found else None
