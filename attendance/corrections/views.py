"""Pages of corrections: those of one register with the form to ask, those of a school with the buttons to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types

from app import clock, db
from app.http import current_actor, translate
from app.i18n import N_
from app.lists.rules import Column, Filter, ListSpec, in_memory
from app.lists.views import answer
from app.school.queries import place_of_unit, school_for
from attendance.corrections.commands import Asked, decide_correction, request_correction
from attendance.corrections.forms import DecisionForm, RequestForm
from attendance.corrections.queries import correction_for, corrections
from attendance.corrections.rules import CORRECTION_NAMES, CorrectionState
from attendance.registers.models import Register
from attendance.registers.queries.sheets import register_for, sheet_of
from attendance.registers.rules.states import (
    DECIDE_CORRECTION,
    REQUEST_CORRECTION,
    VIEW_ATTENDANCE_TODAY,
    slot_words,
)

if TYPE_CHECKING:
    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from attendance.corrections.queries import CorrectionLine
    from attendance.registers.queries.sheets import Sheet

bp = Blueprint("corrections", __name__, template_folder="templates")
UNPROCESSABLE: Final = 422
TONES: Final = {
    CorrectionState.WAITING: "warn",
    CorrectionState.APPROVED: "good",
    CorrectionState.REJECTED: "bad",
}


@bp.get("/registers/<int:register_id>/corrections")
def of_register(register_id: int) -> str:
    """Show the requests about one register, and the form for another one."""
    register = register_for(current_actor(), REQUEST_CORRECTION, register_id)
    sheet = sheet_of(db.session(), register)
    return _page(register, sheet, _form(sheet))


@bp.post("/registers/<int:register_id>/corrections")
def ask(register_id: int) -> Response | tuple[str, int]:
    """Ask for a correction."""
    actor = current_actor()
    register = register_for(actor, REQUEST_CORRECTION, register_id)
    sheet = sheet_of(db.session(), register)
    form = _form(sheet)
    if not form.validate_on_submit():
        return _page(register, sheet, form), UNPROCESSABLE
    asked = Asked(
        form.client_key.data or "", form.pupil_id.data, form.letter.data, (form.why.data or "").strip()
    )
    request_correction(actor, register.id, asked)
    flash(_("Đã gửi đề nghị đính chính. Hiệu trưởng sẽ quyết định."), "success")
    return redirect(url_for("corrections.of_register", register_id=register_id))


@bp.get("/attendance/corrections/<int:school_id>")
def of_school(school_id: int) -> FileResponse | str:
    """Show a school's requests, those that wait first."""
    actor = current_actor()
    unit = school_for(actor, VIEW_ATTENDANCE_TODAY, school_id)
    spec, lines = _list_of(school_id), corrections(db.session(), school_id=school_id)
    may_decide = actor.may(DECIDE_CORRECTION, place_of_unit(school_id))
    return answer("corrections/school.html", spec, in_memory(spec, lines), unit=unit, may_decide=may_decide)


def _list_of(school_id: int) -> ListSpec[CorrectionLine]:
    return ListSpec(
        name="corrections",
        title=N_("Đề nghị đính chính"),
        columns=(
            Column("pupil", N_("Học sinh"), lambda line: line.pupil, order=lambda line: line.pupil_sort),
            Column(
                "class",
                N_("Lớp"),
                lambda line: line.class_name,
                link=lambda line: url_for("registers.sheet", register_id=line.row.register_id),
            ),
            Column("day", N_("Ngày"), lambda line: line.day),
            Column("slot", N_("Buổi"), lambda line: translate(line.slot)),
            Column("letter", N_("Sửa thành"), lambda line: line.row.letter or translate(N_("Có mặt"))),
            Column("why", N_("Lý do"), lambda line: line.row.why),
            Column("by", N_("Người đề nghị"), lambda line: line.by),
            Column("at", N_("Lúc"), lambda line: line.row.requested_at),
            Column(
                "state",
                N_("Trạng thái"),
                lambda line: translate(CORRECTION_NAMES[line.state]),
                tone=lambda line: TONES[line.state],
            ),
            Column("decided", N_("Người quyết định"), lambda line: line.decided_by),
            Column("note", N_("Ghi chú"), lambda line: line.row.decision_note or ""),
        ),
        filters=(
            Filter(
                "state",
                N_("Trạng thái"),
                tuple((state.value, name) for state, name in CORRECTION_NAMES.items()),
                lambda line, wanted: line.row.state == wanted,
            ),
        ),
        search_label=N_("Tìm theo tên học sinh hoặc lớp"),
        search=lambda line: f"{line.pupil} {line.class_name}",
        subject=("school", school_id),
    )


@bp.post("/attendance/corrections/<int:correction_id>/approve")
def approve(correction_id: int) -> Response:
    """Approve a request: the register is corrected with it."""
    return _decided(correction_id, approve=True)


@bp.post("/attendance/corrections/<int:correction_id>/reject")
def reject(correction_id: int) -> Response:
    """Reject a request, with a note."""
    return _decided(correction_id, approve=False)


def _decided(correction_id: int, *, approve: bool) -> Response:
    actor = current_actor()
    row = correction_for(actor, DECIDE_CORRECTION, correction_id)
    school_id = db.session().get_one(Register, row.register_id).school_id
    form = DecisionForm()
    form.validate_on_submit()
    decide_correction(actor, row.id, (form.note.data or "").strip()[:200], approve=approve)
    flash(_("Đã duyệt đính chính.") if approve else _("Đã từ chối đề nghị."), "success")
    return redirect(url_for("corrections.of_school", school_id=school_id))


def _form(sheet: Sheet) -> RequestForm:
    form = RequestForm(client_key=uuid4().hex)
    form.pupil_id.choices = [SelectChoice(one.id, f"{one.number}. {one.full_name}") for one in sheet.pupils]
    letters = [
        SelectChoice(code.letter, f"{code.letter} – {translate(code.name)}") for code in sheet.codes.offered
    ]
    form.letter.choices = [SelectChoice("", _("Có mặt")), *letters]
    return form


def _page(register: Register, sheet: Sheet, form: RequestForm) -> str:
    return render_template(
        "corrections/register.html",
        register=register,
        sheet=sheet,
        slot=slot_words(register.slot),
        form=form,
        lines=corrections(db.session(), register_id=register.id),
        names=CORRECTION_NAMES,
        local=clock.local,
    )
