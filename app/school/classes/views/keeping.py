"""Pages where classes are opened, renamed, settled and closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types

from app import clock, db
from app.errors import BangXanhError, ConflictError, InvalidError
from app.http import current_actor, translate
from app.school.classes import queries
from app.school.classes.commands import keeping
from app.school.classes.forms import DayForm, OpenForm, PlaceForm, RenameForm
from app.school.classes.rules import KEEP_CLASSES, NewClass
from app.school.queries import class_for, latest_year, school_for
from app.school.rules import DaySession

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_wtf import FlaskForm
    from werkzeug.wrappers import Response

    from app.school.models import OrgUnit, SchoolClass

bp = Blueprint("classes", __name__, template_folder="../templates")
UNPROCESSABLE: Final = 422


@bp.get("/schools/<int:school_id>/classes/new")
def new(school_id: int) -> str:
    """Show the form of a class to open."""
    return _new_page(school_for(current_actor(), KEEP_CLASSES, school_id), _with_sites(OpenForm(), school_id))


@bp.post("/schools/<int:school_id>/classes/new")
def open_one(school_id: int) -> Response | tuple[str, int]:
    """Open a class for the present school year and go to its page."""
    actor = current_actor()
    unit = school_for(actor, KEEP_CLASSES, school_id)
    form, year = _with_sites(OpenForm(), school_id), latest_year(db.session(), clock.today())
    if year is None:
        flash(_("Chưa có năm học nào. Hãy mở năm học trước."), "warning")
        return redirect(url_for("setup.guide", school_id=school_id))
    wanted = NewClass(
        form.name.data or "",
        form.grade.data or None,
        DaySession(form.main_session.data or DaySession.MORNING),
        form.site_id.data or None,
    )
    opened: list[int] = []
    if _is_done(form, lambda: opened.append(keeping.open_class(actor, school_id, year.id, wanted))):
        flash(_("Đã mở lớp %(name)s.", name=wanted.name), "success")
        return redirect(url_for("school.school_class", class_id=opened[0]))
    return _new_page(unit, form), UNPROCESSABLE


@bp.get("/classes/<int:class_id>/edit")
def edit(class_id: int) -> str:
    """Show what can be changed about a class."""
    return _edit_page(class_for(current_actor(), KEEP_CLASSES, class_id))


@bp.post("/classes/<int:class_id>/rename")
def rename(class_id: int) -> Response | tuple[str, int]:
    """Give a class another name from a day on."""
    actor = current_actor()
    found = class_for(actor, KEEP_CLASSES, class_id)
    form = RenameForm()
    name, day = form.name.data or "", form.day.data or clock.today()
    if _is_done(form, lambda: keeping.rename_class(actor, class_id, name, day)):
        return _back(class_id, _("Đã đổi tên lớp. Những ngày trước đó vẫn ghi tên cũ."))
    return _edit_page(found, rename_form=form), UNPROCESSABLE


@bp.post("/classes/<int:class_id>/settle")
def settle(class_id: int) -> Response | tuple[str, int]:
    """Say when and where a class learns."""
    actor = current_actor()
    found = class_for(actor, KEEP_CLASSES, class_id)
    form = _with_sites(PlaceForm(), found.school_id)
    main_session, site_id = (
        DaySession(form.main_session.data or DaySession.MORNING),
        form.site_id.data or None,
    )
    if _is_done(form, lambda: keeping.settle_class(actor, class_id, main_session, site_id)):
        return _back(class_id, _("Đã lưu."))
    return _edit_page(found, place_form=form), UNPROCESSABLE


@bp.post("/classes/<int:class_id>/close")
def close(class_id: int) -> Response | tuple[str, int]:
    """Close a class from a day on."""
    actor = current_actor()
    found = class_for(actor, KEEP_CLASSES, class_id)
    form = DayForm()
    day = form.day.data or clock.today()
    if _is_done(form, lambda: keeping.close_class(actor, class_id, day)):
        return _back(class_id, _("Đã đóng lớp. Phân công và quyền xem lớp kết thúc cùng ngày."))
    return _edit_page(found, close_form=form), UNPROCESSABLE


@bp.post("/classes/<int:class_id>/reopen")
def reopen(class_id: int) -> Response:
    """Have a closed class again."""
    actor = current_actor()
    class_for(actor, KEEP_CLASSES, class_id)
    keeping.reopen_class(actor, class_id)
    return _back(class_id, _("Đã mở lại lớp. Hãy phân công giáo viên."))


# --- what the pages show ------------------------------------------------------------------------------------------


def _is_done(form: FlaskForm, work: Callable[[], object]) -> bool:
    """Do the work of a valid form; what it refuses is written at the form's fields. Say whether it was done."""
    if not form.validate_on_submit():
        return False
    try:
        work()
    except (InvalidError, ConflictError) as error:
        db.session().rollback()
        show_refusal(form, error)
        return False
    return True


def show_refusal(form: FlaskForm, error: BangXanhError) -> None:
    """Write what a command refuses at the fields of its form, or at the form's head when it is about none of them."""
    fields = error.fields if isinstance(error, InvalidError) else {}
    for name, fault in fields.items():
        if name in form:
            form[name].errors = [translate(fault)]
    if not any(name in form for name in fields):
        message = error.message if isinstance(error, InvalidError | ConflictError) else str(error)
        form.form_errors = [translate(message)]


def _back(class_id: int, message: str) -> Response:
    flash(message, "success")
    return redirect(url_for("school.school_class", class_id=class_id))


def _with_sites(form: PlaceForm, school_id: int) -> PlaceForm:
    sites = queries.sites_of(db.session(), school_id, clock.today())
    form.site_id.choices = [
        SelectChoice(0, _("Điểm chính")),
        *(SelectChoice(row.id, row.name) for row in sites),
    ]
    return form


def _new_page(unit: OrgUnit, form: PlaceForm) -> str:
    return render_template(
        "classes/new.html", unit=unit, form=form, year=latest_year(db.session(), clock.today())
    )


def _edit_page(
    found: SchoolClass,
    *,
    rename_form: RenameForm | None = None,
    place_form: PlaceForm | None = None,
    close_form: DayForm | None = None,
) -> str:
    place = PlaceForm(formdata=None, main_session=found.main_session, site_id=found.site_id or 0)
    return render_template(
        "classes/edit.html",
        school_class=found,
        rename_form=rename_form or RenameForm(formdata=None, name=found.name, day=clock.today()),
        place_form=place_form or _with_sites(place, found.school_id),
        close_form=close_form or DayForm(formdata=None, day=clock.today()),
        left=queries.members_from(db.session(), found.id, clock.today()),
    )
