"""What a person explains to the reader: what a heading means, here or for good; that an old font may be converted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import InvalidError
from app.http import current_actor, translate
from app.i18n import N_, say
from app.intake import queries
from app.intake.commands import mending
from app.intake.rules.rows import FIELD_NAMES, Field
from app.intake.views.imports import UNPROCESSABLE, bp, field_choices, import_page
from app.lists.rules import Column, Filter, ListSpec, in_memory
from app.lists.views import answer
from app.school.queries import school_for
from app.school.rules import IMPORT_ROSTER

if TYPE_CHECKING:
    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.intake.queries import TaughtHeading


@bp.post("/imports/<int:import_id>/headings")
def explain(import_id: int) -> Response | tuple[str, int]:
    """Take what the person says that headings of this file mean, and read the file again."""
    actor = current_actor()
    row = queries.import_for(actor, import_id)
    meanings = _asked_meanings()
    if not meanings:
        return import_page(row, refusal=_("Chưa chọn cột nào.")), UNPROCESSABLE
    try:
        mending.explain_headings(actor, import_id, meanings)
    except InvalidError as error:
        return import_page(row, refusal=translate(error.message)), UNPROCESSABLE
    return redirect(url_for("intake.show", import_id=import_id))


@bp.post("/imports/<int:import_id>/convert")
def convert(import_id: int) -> Response:
    """Have a file of an old font read again, in Unicode; its preview comes first, as always."""
    actor = current_actor()
    row = queries.import_for(actor, import_id)
    mending.convert_font(actor, row.id)
    return redirect(url_for("intake.show", import_id=import_id))


@bp.get("/schools/<int:school_id>/headings")
def headings(school_id: int) -> FileResponse | str:
    """Show the headings that a school taught, with a form for one more."""
    return _headings_page(school_id)


@bp.post("/schools/<int:school_id>/headings")
def teach(school_id: int) -> Response | tuple[FileResponse | str, int]:
    """Remember what a heading means."""
    actor = current_actor()
    school_for(actor, IMPORT_ROSTER, school_id)
    try:
        mending.teach_headings(actor, school_id, _asked_meanings() or {"": Field.NAME})
    except InvalidError as error:
        return _headings_page(school_id, translate(error.message)), UNPROCESSABLE
    flash(_("Đã ghi nhớ tiêu đề. Lần đọc tệp sau sẽ dùng."), "success")
    return redirect(url_for("intake.headings", school_id=school_id))


@bp.post("/schools/<int:school_id>/headings/forget")
def forget(school_id: int) -> Response:
    """Take a taught heading away."""
    actor = current_actor()
    school_for(actor, IMPORT_ROSTER, school_id)
    mending.forget_heading(actor, school_id, request.form.get("alias_id", 0, type=int))
    flash(_("Đã bỏ tiêu đề này."), "success")
    return redirect(url_for("intake.headings", school_id=school_id))


def _asked_meanings() -> dict[str, Field]:
    """Return {heading: field} of the lines of a form in which a field was chosen."""
    written, chosen = request.form.getlist("heading"), request.form.getlist("field")
    pairs = zip(written, chosen, strict=False)
    return {heading: Field(field) for heading, field in pairs if heading.strip() and field in set(Field)}


def _headings_list() -> ListSpec[TaughtHeading]:
    return ListSpec(
        name="headings",
        title=N_("Tiêu đề của trường"),
        columns=(
            Column("heading", N_("Tiêu đề trong tệp"), lambda row: row.heading),
            Column("field", N_("Là mục"), lambda row: say(FIELD_NAMES[row.field])),
            Column("by", N_("Người ghi"), lambda row: row.made_by),
            Column("at", N_("Ngày ghi"), lambda row: clock.local(row.made_at).date(), numeric=True),
        ),
        filters=(
            Filter(
                "field",
                N_("Là mục"),
                tuple((field.value, name) for field, name in FIELD_NAMES.items()),
                lambda row, wanted: row.field == wanted,
            ),
        ),
        search_label=N_("Tìm tiêu đề"),
        search=lambda row: f"{row.heading} {row.made_by}",
    )


def _headings_page(school_id: int, refusal: str = "") -> FileResponse | str:
    unit = school_for(current_actor(), IMPORT_ROSTER, school_id)
    spec = _headings_list()
    return answer(
        "intake/headings.html",
        spec,
        in_memory(spec, queries.headings_of_school(db.session(), school_id)),
        unit=unit,
        choices=field_choices(school_id),
        refusal=refusal,
        heading=request.form.get("heading", ""),
    )
