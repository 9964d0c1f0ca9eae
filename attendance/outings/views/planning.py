"""Pages of school events: a school's list, and one event with who goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import InvalidError
from app.http import LARGEST_ID, current_actor, translate
from app.i18n import N_
from app.lists.rules import Column, Filter, ListSpec, in_memory
from app.lists.views import answer
from app.school.queries import pupils_in_class, school_for
from attendance.outings import commands
from attendance.outings.forms import OutingForm
from attendance.outings.queries import (
    class_lines_of,
    going_on,
    last_day_of,
    leaders_at,
    outing_for,
    outings_of_school,
)
from attendance.outings.rules import PLAN_OUTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.access import Actor
    from app.school.models import OrgUnit
    from attendance.outings.models import Outing

bp = Blueprint("outings", __name__, template_folder="../templates")
UNPROCESSABLE: Final = 422


@bp.get("/schools/<int:school_id>/outings")
def of_school(school_id: int) -> FileResponse | str:
    """List a school's events, with the form for a new one."""
    unit = school_for(current_actor(), PLAN_OUTINGS, school_id)
    form = OutingForm(formdata=None, first_day=clock.today(), last_day=clock.today(), client_key=uuid4().hex)
    return _list_page(unit, form)


@bp.post("/schools/<int:school_id>/outings")
def plan(school_id: int) -> Response | tuple[FileResponse | str, int]:
    """Plan an event and go to its page."""
    actor = current_actor()
    unit = school_for(actor, PLAN_OUTINGS, school_id)
    form = OutingForm()
    if not form.validate_on_submit():
        return _list_page(unit, form), UNPROCESSABLE
    try:
        made = commands.plan_outing(actor, school_id, form.plan, form.client_key.data or "")
    except InvalidError as error:
        for field, fault in error.fields.items():
            form[field].errors = [translate(fault)]
        return _list_page(unit, form), UNPROCESSABLE
    return redirect(url_for("outings.page", outing_id=made))


@bp.get("/outings/<int:outing_id>")
def page(outing_id: int) -> str:
    """Show an event: who leads it, who goes, and the pupils of a class to choose from."""
    outing = outing_for(current_actor(), outing_id)
    session = db.session()
    classes = class_lines_of(session, outing)
    asked = request.args.get("class_id", type=int)
    chosen = next((row for row in classes if row.id == asked), None)
    going = going_on(session, outing)
    return render_template(
        "outings/page.html",
        outing=outing,
        going=going,
        going_ids={line.pupil_id for line in going},
        classes=classes,
        leaders=leaders_at(session, outing.school_id),
        chosen=chosen,
        offered=pupils_in_class(session, chosen.id, outing.starts_on) if chosen else [],
        last_day=last_day_of(outing),
    )


@bp.post("/outings/<int:outing_id>/pupils")
def choose(outing_id: int) -> Response:
    """Let exactly the chosen pupils of a class go."""
    actor = current_actor()
    outing_for(actor, outing_id)
    sent = [int(value[:10]) for value in request.form.getlist("pupil") if value.isdecimal()]
    class_id = request.form.get("class_id", 0, int)
    if 0 < class_id <= LARGEST_ID:
        commands.set_going(actor, outing_id, class_id, [one for one in sent if one <= LARGEST_ID])
        flash(_("Đã lưu."), "success")
    return redirect(url_for("outings.page", outing_id=outing_id))


@bp.post("/outings/<int:outing_id>/classes")
def choose_classes(outing_id: int) -> Response:
    """Let exactly the chosen classes go as a whole."""
    actor = current_actor()
    outing_for(actor, outing_id)
    sent = {int(value[:10]) for value in request.form.getlist("class") if value.isdecimal()}
    commands.set_whole_classes(actor, outing_id, sent)
    flash(_("Đã lưu."), "success")
    return redirect(url_for("outings.page", outing_id=outing_id))


@bp.post("/outings/<int:outing_id>/leader")
def choose_leader(outing_id: int) -> Response:
    """Name who leads an event."""
    actor = current_actor()
    outing_for(actor, outing_id)
    commands.set_leader(actor, outing_id, request.form.get("leader", type=int) or None)
    flash(_("Đã lưu."), "success")
    return redirect(url_for("outings.page", outing_id=outing_id))


@bp.post("/outings/<int:outing_id>/off")
def call_off(outing_id: int) -> Response:
    """Call an event off."""
    return _switched(outing_id, commands.call_off)


@bp.post("/outings/<int:outing_id>/on")
def put_back(outing_id: int) -> Response:
    """Put an event back that was called off."""
    return _switched(outing_id, commands.put_back)


def _switched(outing_id: int, switch: Callable[[Actor, int], None]) -> Response:
    actor = current_actor()
    outing_for(actor, outing_id)
    switch(actor, outing_id)
    flash(_("Đã lưu."), "success")
    return redirect(url_for("outings.page", outing_id=outing_id))


def _list_page(unit: OrgUnit, form: OutingForm) -> FileResponse | str:
    found = outings_of_school(db.session(), unit.id)
    return answer("outings/list.html", OUTINGS, in_memory(OUTINGS, found), unit=unit, form=form)


OUTINGS: Final[ListSpec[tuple[Outing, int]]] = ListSpec(
    name="outings",
    title=N_("Các hoạt động"),
    columns=(
        Column(
            "name",
            N_("Tên hoạt động"),
            lambda row: row[0].name,
            link=lambda row: url_for("outings.page", outing_id=row[0].id),
        ),
        Column("from", N_("Từ ngày"), lambda row: row[0].starts_on),
        Column("to", N_("Đến hết ngày"), lambda row: last_day_of(row[0])),
        Column("pupils", N_("Số học sinh"), lambda row: row[1], numeric=True),
        Column(
            "state",
            N_("Trạng thái"),
            lambda row: translate(N_("Đã hủy") if row[0].called_off_at else N_("Có tổ chức")),
            tone=lambda row: "bad" if row[0].called_off_at else "good",
        ),
    ),
    filters=(
        Filter(
            "state",
            N_("Trạng thái"),
            (("on", N_("Có tổ chức")), ("off", N_("Đã hủy"))),
            lambda row, wanted: (row[0].called_off_at is not None) == (wanted == "off"),
        ),
    ),
    search_label=N_("Tìm hoạt động"),
    search=lambda row: row[0].name,
)
