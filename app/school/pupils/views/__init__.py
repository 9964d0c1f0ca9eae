"""Pages of pupils: the list of a school, the page of a pupil, the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from app import clock, db
from app.audit.queries import entry_of_forgetting
from app.errors import InvalidError, NotFoundError
from app.http import current_actor, tried
from app.i18n import say
from app.lists.views import answer
from app.school.choosing.views import choose_school
from app.school.commands import replace_card
from app.school.enrolment.queries import (
    changes_of,
    count_offers,
    history_of,
    keeping_school,
    kept_pupil_for,
    known_pupil_for,
    may_keep,
    periods_of,
    visible_schools,
)
from app.school.enrolment.queries.offers import waits_for
from app.school.enrolment.rules import REASON_NAMES, STATUS_NAMES, VERB_NAMES
from app.school.pupils import commands, queries
from app.school.pupils.forms import BasicsForm
from app.school.pupils.rules import (
    EDIT_PUPIL,
    SEX_NAMES,
    VIEW_SENSITIVE,
    Basics,
)
from app.school.pupils.views.listing import pupils_in, pupils_list
from app.school.queries import (
    cards_of_pupils,
    classes_of_school,
    latest_year,
    own_pupil_ids,
    place_of_unit,
    places_of_pupil,
    school_for,
    schools_for,
)
from app.school.rules import PRINT_CARDS, VIEW_PUPIL
from app.wiring import PupilAsked

if TYPE_CHECKING:
    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.access import Actor
    from app.school.models import Pupil

bp = Blueprint("pupils", __name__, template_folder="../templates")
UNPROCESSABLE = 422


@bp.get("/pupils")
def index() -> Response | str:
    """Go to the list of the one school, or to the one pupil, that the person may see; else let them choose."""
    actor = current_actor()
    schools = schools_for(actor, VIEW_PUPIL) if actor.unit_ids(VIEW_PUPIL) else []
    own = own_pupil_ids(actor)
    if len(schools) == 1 and not own:
        return redirect(url_for("pupils.of_school", school_id=schools[0].id))
    if len(own) == 1 and not schools:
        return redirect(url_for("pupils.page", pupil_id=own[0]))
    if not schools and not own:
        return redirect(_own_classes(actor))
    if not own:
        return choose_school(_("Học sinh"), "pupils.of_school", schools)
    return render_template(
        "pupils/index.html", schools=schools, pupils=queries.pupils_named(db.session(), own)
    )


def _own_classes(actor: Actor) -> str:
    """Return where the pupils of a homeroom teacher are: the page of the class, or the list of several."""
    classes = actor.class_ids(VIEW_PUPIL)
    return (
        url_for("school.school_class", class_id=min(classes))
        if len(classes) == 1
        else url_for("school.classes")
    )


@bp.get("/schools/<int:school_id>/pupils")
def of_school(school_id: int) -> FileResponse | str:
    """List a school's pupils of this year."""
    actor, session, today = current_actor(), db.session(), clock.today()
    about: dict[str, Any] = {
        "unit": school_for(actor, VIEW_PUPIL, school_id),
        "year": latest_year(session, today),
        "waiting": count_offers(session, school_id) if may_keep(actor, school_id) else 0,
        "may_keep": may_keep(actor, school_id),
    }
    if about["year"] is None:
        return render_template("pupils/list.html", **about)
    spec = pupils_list(school_id, classes_of_school(session, school_id, about["year"].id))
    return answer("pupils/list.html", spec, pupils_in(school_id, about["year"]), **about)


@bp.get("/pupils/<int:pupil_id>")
def page(pupil_id: int) -> str:
    """Show a pupil: who, the way through schools and classes, attendance and lessons so far."""
    return _pupil_page(known_pupil_for(current_actor(), VIEW_PUPIL, pupil_id, clock.today()), is_open=False)


@bp.post("/pupils/<int:pupil_id>/sensitive")
def reveal(pupil_id: int) -> str:
    """Show ethnicity and disability too; that they were asked for is in the audit log."""
    actor = current_actor()
    pupil = known_pupil_for(actor, VIEW_SENSITIVE, pupil_id, clock.today())
    if not _may_reveal(actor, pupil_id):
        raise NotFoundError
    commands.note_sensitive_view(actor, pupil.id)
    return _pupil_page(pupil, is_open=True)


@bp.get("/pupils/<int:pupil_id>/edit")
def edit(pupil_id: int) -> str:
    """Show the form of a pupil's record."""
    pupil, _school = kept_pupil_for(current_actor(), EDIT_PUPIL, pupil_id)
    form = BasicsForm(obj=pupil)
    form.seen.data, form.ethnicity.data, form.disability.data = queries.mark_of(pupil), "", ""
    return render_template("pupils/edit.html", pupil=pupil, form=form)


@bp.post("/pupils/<int:pupil_id>/edit")
def save(pupil_id: int) -> Response | tuple[str, int]:
    """Write a pupil's record down and go back to the page."""
    actor = current_actor()
    pupil, _school = kept_pupil_for(actor, EDIT_PUPIL, pupil_id)
    form = BasicsForm()
    if form.validate_on_submit() and _saved(pupil_id, form):
        flash(_("Đã lưu hồ sơ."), "success")
        return redirect(url_for("pupils.page", pupil_id=pupil_id))
    return render_template("pupils/edit.html", pupil=pupil, form=form), UNPROCESSABLE


@bp.post("/pupils/<int:pupil_id>/card")
def card(pupil_id: int) -> Response:
    """Give a pupil a new card; the old one is no longer valid."""
    actor = current_actor()
    pupil, school_id = kept_pupil_for(actor, PRINT_CARDS, pupil_id)
    year = latest_year(db.session(), clock.today())
    if year is None or all(one.ends_on is not None for one in history_of(db.session(), pupil_id).stays):
        raise InvalidError(say("Em không còn học ở trường nên không có thẻ."))
    code = replace_card(actor, pupil, school_id, year.id)
    flash(_("Mã thẻ mới: %(code)s. Thẻ cũ không dùng được nữa.", code=code), "success")
    return redirect(url_for("pupils.page", pupil_id=pupil_id))


# --- what is asked, what is shown -----------------------------------------------------------------------------------


def _saved(pupil_id: int, form: BasicsForm) -> bool:
    basics = Basics(
        form.full_name.data or "",
        form.birth_date.data or clock.today(),
        form.sex.data or "",
        form.ministry_code.data or "",
        form.ethnicity.data or "",
        form.disability.data or "",
    )
    return tried(form, lambda: commands.edit_pupil(current_actor(), pupil_id, basics, form.seen.data or None))


def _pupil_page(pupil: Pupil, *, is_open: bool) -> str:
    actor, session, today = current_actor(), db.session(), clock.today()
    history = history_of(session, pupil.id)
    schools = visible_schools(actor, VIEW_PUPIL, pupil.id, history, today)
    keeper = keeping_school(session, pupil.id)
    keeps = keeper is not None and may_keep(actor, keeper)
    may_print = keeper is not None and actor.may(PRINT_CARDS, place_of_unit(keeper))
    changes = changes_of(session, pupil.id, history) if keeps else []
    is_forgotten = entry_of_forgetting(session, pupil.id) is not None
    return render_template(
        "pupils/page.html",
        pupil=pupil,
        class_name=queries.class_now(session, pupil.id, today)
        if schools is None or keeper in schools
        else None,
        periods=periods_of(session, history, schools),
        changes=changes,
        waits_for=waits_for(session, pupil.id) if keeps and changes else None,
        undoable={
            one.id
            for one in changes
            if one.can_be_undone and may_keep(actor, one.school_id) and not is_forgotten
        },
        parts=_parts(pupil, schools),
        card_code=_card_code(pupil) if may_print else None,
        is_here=any(one.ends_on is None and one.school_id == keeper for one in history.stays),
        may_keep=keeps and not is_forgotten,
        may_print=may_print,
        may_edit=keeper is not None and actor.may(EDIT_PUPIL, place_of_unit(keeper)) and not is_forgotten,
        may_reveal=_may_reveal(actor, pupil.id),
        is_open=is_open,
        list_of=_list_of(keeper, schools),
        names={"sex": SEX_NAMES, "verb": VERB_NAMES, "reason": REASON_NAMES, "status": STATUS_NAMES},
    )


def _may_reveal(actor: Actor, pupil_id: int) -> bool:
    """Say whether ethnicity and disability are the reader's to see: where the pupil is, not where the pupil was."""
    keeper = keeping_school(db.session(), pupil_id)
    places = [*places_of_pupil(pupil_id, clock.today()), *([place_of_unit(keeper)] if keeper else [])]
    return any(actor.may(VIEW_SENSITIVE, place) for place in places)


def _list_of(keeper: int | None, schools: set[int] | None) -> int | None:
    """Return the school to whose list the reader goes back, None for those who see no list."""
    actor = current_actor()
    candidates = [*([keeper] if keeper else []), *sorted(schools or ())]
    return next((one for one in candidates if actor.may(VIEW_PUPIL, place_of_unit(one))), None)


def _card_code(pupil: Pupil) -> str | None:
    year = latest_year(db.session(), clock.today())
    return cards_of_pupils(db.session(), [pupil.id], year.id).get(pupil.id) if year else None


def _parts(pupil: Pupil, schools: set[int] | None) -> list[tuple[str, dict[str, object]]]:
    """Return the parts that other packages add to the page, for this school year."""
    year = latest_year(db.session(), clock.today())
    if year is None:
        return []
    seen = None if schools is None else frozenset(schools)
    asked = PupilAsked(pupil.id, year.starts_on, year.ends_on, seen)
    built = [(part.template, part.build(asked)) for part in current_app.extensions["bangxanh.pupil_parts"]]
    return [(template, context) for template, context in built if context is not None]
