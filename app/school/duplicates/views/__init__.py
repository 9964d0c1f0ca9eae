"""Pages of duplicates: who may be there twice, two records side by side, merge, undo."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import db
from app.errors import ConflictError, InvalidError, NotFoundError
from app.http import current_actor, translate
from app.lists.rules import in_memory
from app.lists.views import answer
from app.merging import Pair
from app.school.duplicates import commands, queries
from app.school.duplicates.forms import MergeForm, values_from_other
from app.school.duplicates.rules import (
    JOURNAL_KEPT,
    MERGE_ACROSS,
    MERGE_PUPILS,
    VALUE_NAMES,
)
from app.school.duplicates.views.lists import across_list, candidates_list, merges_list
from app.school.enrolment.queries import kept_pupil_for
from app.school.pupils.rules import SEX_NAMES
from app.school.queries import place_of_unit, school_for, schools_for
from app.school.rules import VIEW_PUPIL

if TYPE_CHECKING:
    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.school.models import Pupil

bp = Blueprint("duplicates", __name__, template_folder="../templates")
UNPROCESSABLE = 422


@bp.get("/schools/<int:school_id>/duplicates")
def index(school_id: int) -> FileResponse | str:
    """List the records that may be one pupil's, or with `show=merges` the merges so far."""
    session, may_open = db.session(), _may_open(school_id)
    about = {
        "unit": school_for(current_actor(), MERGE_PUPILS, school_id),
        "may_open": may_open,
        "kept_days": JOURNAL_KEPT.days,
    }
    if request.args.get("show") == "merges":
        merges = merges_list(school_id, may_open=may_open)
        return answer(
            "duplicates/merges.html",
            merges,
            in_memory(merges, queries.merges_at(session, school_id)),
            **about,
        )
    pairs = candidates_list(school_id)
    return answer(
        "duplicates/index.html", pairs, in_memory(pairs, queries.candidates_at(session, school_id)), **about
    )


@bp.get("/duplicates")
def across() -> FileResponse | str:
    """List who may have a record at two schools within reach; the two records are merged as at one school."""
    actor = current_actor()
    schools = {unit.id: unit.name for unit in schools_for(actor, MERGE_ACROSS)}
    spec = across_list(min(actor.unit_ids(MERGE_ACROSS)))
    return answer(
        "duplicates/across.html", spec, in_memory(spec, queries.candidates_across(db.session(), schools))
    )


@bp.get("/pupils/<int:pupil_id>/merge/<int:other_id>")
def compare(pupil_id: int, other_id: int) -> str:
    """Show two records side by side: the first is kept, the other goes."""
    kept, gone, school_id = _both(pupil_id, other_id)
    form = MergeForm()
    form.client_key.data = secrets.token_urlsafe(24)
    return _page(kept, gone, school_id, form)


@bp.post("/pupils/<int:pupil_id>/merge/<int:other_id>")
def merge(pupil_id: int, other_id: int) -> Response | tuple[str, int]:
    """Make the two records one and go to it."""
    kept, gone, school_id = _both(pupil_id, other_id)
    form = MergeForm()
    problem = ""
    if form.validate_on_submit():
        try:
            commands.merge_pupils(
                current_actor(),
                school_id,
                Pair(pupil_id, other_id),
                values_from_other(request.form),
                form.client_key.data or "",
            )
        except (InvalidError, ConflictError) as error:
            db.session().rollback()
            problem = translate(error.message)
        else:
            flash(_("Đã gộp hai hồ sơ. Có thể hoàn tác ở trang Hồ sơ trùng."), "success")
            if _may_open(school_id):
                return redirect(url_for("pupils.page", pupil_id=pupil_id))
            return redirect(url_for("duplicates.index", school_id=school_id))
    return _page(kept, gone, school_id, form, problem), UNPROCESSABLE


@bp.post("/merges/<int:merge_id>/undo")
def undo(merge_id: int) -> Response:
    """Take a merge back."""
    actor = current_actor()
    school_id = queries.merge_for(actor, merge_id).school_id
    try:
        commands.undo_merge(actor, merge_id)
        flash(_("Đã tách lại thành hai hồ sơ như trước khi gộp."), "success")
    except ConflictError as error:
        db.session().rollback()
        flash(translate(error.message), "error")
    return redirect(url_for("duplicates.index", school_id=school_id, show="merges"))


def _may_open(school_id: int) -> bool:
    """Say whether the actor may open the pupils of a school; an officer of the department sees duplicates only."""
    return current_actor().may(VIEW_PUPIL, place_of_unit(school_id))


def _both(pupil_id: int, other_id: int) -> tuple[Pupil, Pupil, int]:
    """Return two records whose pupil this school keeps; raise NotFoundError otherwise."""
    actor = current_actor()
    kept, school_id = kept_pupil_for(actor, MERGE_PUPILS, pupil_id)
    gone, _other_school = kept_pupil_for(actor, MERGE_PUPILS, other_id)
    if kept.id == gone.id:
        raise NotFoundError
    return kept, gone, school_id


def _page(kept: Pupil, gone: Pupil, school_id: int, form: MergeForm, problem: str = "") -> str:
    found = queries.compared(db.session(), kept, gone)
    return render_template(
        "duplicates/compare.html",
        found=found,
        school_id=school_id,
        may_open=_may_open(school_id),
        form=form,
        problem=problem,
        names=VALUE_NAMES,
        shown={value: queries.is_shown(value) for value in found.differing},
        said=[queries.said(kept), queries.said(gone)],
        proposed={value: queries.proposed_source(kept, gone, value) for value in found.differing},
        sexes=SEX_NAMES,
    )
