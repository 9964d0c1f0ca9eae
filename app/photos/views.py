"""Pages of photographs: the school's switch, a class's photographs, and what a register sheet asks for."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Final

from flask import Blueprint, flash, jsonify, redirect, render_template, url_for
from flask_babel import gettext as _

from app import clock, db
from app.access import Place
from app.errors import NotFoundError
from app.http import current_actor
from app.jobs import offload
from app.photos import commands, queries
from app.photos.forms import PhotoForm, SwitchForm
from app.photos.rules import (
    KEEP_PHOTOS,
    SEE_PHOTO_SWITCH,
    SWITCH_PHOTOS,
    VIEW_PHOTOS,
    kept_photo,
)
from app.school.queries import (
    class_for,
    class_of_pupil_on,
    class_sizes,
    classes_of_school,
    latest_year,
    place_of_class,
    place_of_unit,
    pupil_for,
    pupils_in_class,
    school_for,
)

if TYPE_CHECKING:
    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.school.models import SchoolClass
    from app.wiring import ClassAsked

bp = Blueprint("photos", __name__, template_folder="templates")
UNPROCESSABLE: Final = 422


@bp.get("/schools/<int:school_id>/photos")
def index(school_id: int) -> str:
    """Show whether a school keeps photographs, since when and why, and how many each class has."""
    return _page(school_id, SwitchForm())


@bp.post("/schools/<int:school_id>/photos")
def switch_on(school_id: int) -> Response | tuple[str, int]:
    """Have photographs kept from now on."""
    actor = current_actor()
    school_for(actor, SWITCH_PHOTOS, school_id)
    form = SwitchForm()
    if not form.validate_on_submit():
        return _page(school_id, form), UNPROCESSABLE
    commands.switch_on(actor, school_id, form.reason.data or "")
    flash(_("Đã bật. Văn phòng thêm ảnh ở trang ảnh của từng lớp."), "success")
    return redirect(url_for("photos.index", school_id=school_id))


@bp.post("/schools/<int:school_id>/photos/off")
def switch_off(school_id: int) -> Response:
    """Stop keeping photographs and delete every one."""
    actor = current_actor()
    school_for(actor, SWITCH_PHOTOS, school_id)
    deleted = commands.switch_off(actor, school_id)
    flash(_("Đã tắt và xóa ảnh của %(count)s học sinh.", count=deleted), "success")
    return redirect(url_for("photos.index", school_id=school_id))


@bp.get("/classes/<int:class_id>/photos")
def of_class(class_id: int) -> str:
    """Show the photographs of a class; who may keep them adds and deletes them here."""
    found = class_for(current_actor(), VIEW_PHOTOS, class_id)
    session, today = db.session(), clock.today()
    return render_template(
        "photos/class.html",
        school_class=found,
        pupils=pupils_in_class(session, found.id, today),
        photos=_as_text(queries.photos_of_class(session, found, today)),
        is_on=queries.keeps_photos(session, found.school_id),
        may_keep=current_actor().may(KEEP_PHOTOS, place_of_class(found)),
        form=PhotoForm(),
    )


@bp.get("/classes/<int:class_id>/photos/sheet")
def for_sheet(class_id: int) -> FileResponse:
    """Give a class's photographs to a register sheet, which keeps them sealed on the device; no cache keeps them."""
    found = class_for(current_actor(), VIEW_PHOTOS, class_id)
    answer = jsonify({"photos": _as_text(queries.photos_of_class(db.session(), found, clock.today()))})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/pupils/<int:pupil_id>/photo")
def keep(pupil_id: int) -> Response:
    """Keep a photograph of a pupil."""
    actor = current_actor()
    school_class = _class_of(pupil_id)
    content = PhotoForm().content
    made = offload(lambda: kept_photo(content))
    commands.keep_photo(actor, school_class.school_id, pupil_id, made)
    flash(_("Đã lưu ảnh."), "success")
    return redirect(url_for("photos.of_class", class_id=school_class.id, _anchor=f"pupil-{pupil_id}"))


@bp.post("/pupils/<int:pupil_id>/photo/delete")
def delete(pupil_id: int) -> Response:
    """Delete a pupil's photograph."""
    school_class = _class_of(pupil_id)
    commands.delete_photo(current_actor(), school_class.school_id, pupil_id)
    flash(_("Đã xóa ảnh."), "success")
    return redirect(url_for("photos.of_class", class_id=school_class.id, _anchor=f"pupil-{pupil_id}"))


def class_part(asked: ClassAsked) -> dict[str, object] | None:
    """Return the way to a class's photographs, for the page that has loaded the class; None where none are kept."""
    place = Place(place_of_unit(asked.school_id).unit_ids, asked.class_id)
    if not current_actor().may(VIEW_PHOTOS, place) or not queries.keeps_photos(db.session(), asked.school_id):
        return None
    return {"class_id": asked.class_id}


def _class_of(pupil_id: int) -> SchoolClass:
    """Return the class of a pupil whose photograph the person may keep; NotFoundError without one."""
    pupil_for(current_actor(), KEEP_PHOTOS, pupil_id, clock.today())
    found = class_of_pupil_on(db.session(), pupil_id, clock.today())
    if found is None or not current_actor().may(KEEP_PHOTOS, place_of_class(found)):
        raise NotFoundError
    return found


def _as_text(photos: dict[int, bytes]) -> dict[int, str]:
    return {
        pupil_id: f"data:image/webp;base64,{b64encode(content).decode()}"
        for pupil_id, content in photos.items()
    }


def _page(school_id: int, form: SwitchForm) -> str:
    actor, session, today = current_actor(), db.session(), clock.today()
    unit = school_for(actor, SEE_PHOTO_SWITCH, school_id)
    year = latest_year(session, today)
    classes = classes_of_school(session, school_id, year.id) if year else []
    return render_template(
        "photos/index.html",
        unit=unit,
        form=form,
        switches=queries.switches_of_school(session, school_id),
        classes=classes,
        sizes=class_sizes(session, [one.id for one in classes], today),
        counts=queries.counts_by_class(session, school_id, today),
        may_switch=actor.may(SWITCH_PHOTOS, place_of_unit(school_id)),
    )
