"""The explorer, the views that an account keeps, and its dashboard."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import InvalidError, NotFoundError
from app.http import current_actor, is_fragment, translate
from app.i18n import say
from app.school.queries import school_rows_for, unit_for
from app.text import clean_text
from reports.catalogue.queries import units_for_export
from reports.explorer.commands import drop_view, keep_view, pin_view, pivot_for, query_of
from reports.explorer.forms import KeepForm, read_view
from reports.explorer.queries import view_for, views_of
from reports.explorer.rules import AXIS_NAMES, chart_of
from reports.indicators.rules import VIEW_REPORT, definitions
from reports.tallies.queries import periods_until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.wrappers import Response

    from app.school.queries import UnitRow
    from reports.explorer.rules import PivotView
    from reports.tallies.rules import Period

bp = Blueprint("explorer", __name__, template_folder="templates")


@bp.get("/reports/explorer")
def explore() -> str:
    """Show the pivot that the address says; to htmx the table alone."""
    actor = current_actor()
    units = _units()
    periods = periods_until(db.session(), clock.today())
    if not periods:
        return render_template("reports/no_year.html", title=_("Khám phá số liệu"))
    view = _view(units, periods)
    unit = unit_for(actor, VIEW_REPORT, view.place)
    told = pivot_for(actor, unit, view, is_poll="poll" in request.args)
    return render_template(
        "explorer/part.html" if is_fragment() else "explorer/explore.html",
        view=view,
        unit=unit,
        units=tuple(units),
        periods=periods,
        pivot=told.pivot,
        chart=chart_of(view, told.pivot),
        links=_links(units, view),
        standing=told.standing,
        address=query_of(view),
        axes=AXIS_NAMES,
        indicators=definitions(clock.today()),
        measure=next((one for one in definitions(clock.today()) if one.code == view.measure), None),
        form=KeepForm(formdata=None, key=secrets.token_urlsafe(16)),
        views=views_of(actor),
    )


def _links(units: Sequence[UnitRow], view: PivotView) -> dict[str, str]:
    """Return {key of a place's head: where its own table is}; a school goes on to its classes."""
    head, tail = f"{url_for('explorer.explore')}?", query_of(replace(view, place=0)).removeprefix("place=0")
    return {
        f"{unit.kind}/{unit.code}/": f"{head}place={unit.id}{tail}" for unit in units if unit.id != view.place
    }


def _units() -> list[UnitRow]:
    """Return the units to choose from, the larger first. Raises NotFoundError when there is none."""
    actor = current_actor()
    schools = school_rows_for(actor, VIEW_REPORT)
    units = [*units_for_export(actor), *schools] if len(schools) > 1 else schools
    if not units:
        raise NotFoundError
    return units


def _view(units: Sequence[UnitRow], periods: Sequence[Period]) -> PivotView:
    over = [one for one in periods if one.after_last <= clock.today()] or list(periods)
    return read_view(request.args, units[0].id, over[0].name if over else str(clock.today().year))


@bp.post("/reports/explorer")
def keep() -> Response:
    """Keep the view that the address says under a name."""
    actor, form = current_actor(), KeepForm()
    if not form.validate():
        fields = {name: " ".join(map(translate, errors)) for name, errors in form.errors.items() if name}
        raise InvalidError(say("Yêu cầu không hợp lệ. Hãy tải lại trang rồi thử lại."), fields)
    view = _view(_units(), periods_until(db.session(), clock.today()))
    unit_for(actor, VIEW_REPORT, view.place)
    name = clean_text(form.name.data or "")
    keep_view(actor, form.key.data or "", name, view, is_pinned=bool(form.is_pinned.data))
    flash(_("Đã lưu góc nhìn. Chép địa chỉ trang để gửi cho đồng nghiệp."), "success")
    return redirect(f"{url_for('explorer.explore')}?{query_of(view)}")


@bp.get("/reports/dashboard")
def dashboard() -> str:
    """Show the pinned views, each loaded by itself, and the others by name."""
    return render_template("explorer/dashboard.html", views=views_of(current_actor()))


@bp.post("/reports/views/<int:view_id>/pin")
def pin(view_id: int) -> Response:
    """Put one's own view on the dashboard, or take it off."""
    row = view_for(current_actor(), view_id)
    pin_view(row, is_pinned=not row.is_pinned)
    return redirect(url_for("explorer.dashboard"))


@bp.post("/reports/views/<int:view_id>/drop")
def drop(view_id: int) -> Response:
    """Forget one's own view."""
    drop_view(view_for(current_actor(), view_id))
    flash(_("Đã bỏ góc nhìn."), "info")
    return redirect(url_for("explorer.dashboard"))
