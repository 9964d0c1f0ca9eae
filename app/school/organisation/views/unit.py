"""A unit with its past, and what may be done with it: units below it, another unit above it, an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types

from app import clock, db
from app.errors import InvalidError
from app.http import current_actor, translate
from app.school.commands import LOCAL_CODES
from app.school.organisation import commands, queries, rules
from app.school.organisation.forms import AddUnitForm, ChangeUnitForm
from app.school.organisation.rules import MANAGE_ORGANISATION, SUCCESSION_NAMES
from app.school.organisation.views.tree import bp
from app.school.queries import place_of_unit, schools_for, unit_for
from app.school.rules import VIEW_SCHOOL, UnitKind

if TYPE_CHECKING:
    from datetime import date

    from werkzeug.wrappers import Response

    from app.access import Permission
    from app.school.models import OrgUnit
    from app.school.organisation.queries import History

UNPROCESSABLE = 422


@bp.get("/organisation/<int:unit_id>")
def unit(unit_id: int) -> str:
    """Show a unit: since when, under whom, out of what, and what became of it."""
    found = queries.dated_unit_for(current_actor(), VIEW_SCHOOL, unit_id)
    return _unit_page(found, AddUnitForm(valid_from=clock.today()), ChangeUnitForm(on=clock.today()))


@bp.post("/organisation/<int:unit_id>/units")
def add(unit_id: int) -> Response | tuple[str, int]:
    """Add a unit below this one."""
    actor = current_actor()
    parent = unit_for(actor, MANAGE_ORGANISATION, unit_id)
    form = AddUnitForm()
    if not form.validate_on_submit():
        return _unit_page(parent, form, ChangeUnitForm(formdata=None, on=clock.today())), UNPROCESSABLE
    new = _new_unit(form)
    added = commands.add_below(actor, unit_id, new)
    flash(_("Đã thêm %(name)s.", name=new.name), "success")
    return redirect(url_for("organisation.unit", unit_id=added))


@bp.post("/organisation/<int:unit_id>/move")
def move(unit_id: int) -> Response | tuple[str, int]:
    """Put this unit below another one from a day on."""
    actor = current_actor()
    found = unit_for(actor, MANAGE_ORGANISATION, unit_id)
    form = _change_form(found)
    if not form.validate_on_submit():
        return _unit_page(found, AddUnitForm(formdata=None, valid_from=clock.today()), form), UNPROCESSABLE
    other = unit_for(actor, MANAGE_ORGANISATION, form.other_id.data)
    try:
        commands.move_unit(actor, unit_id, other.id, form.on.data or clock.today())
    except InvalidError as error:
        form.on.errors = [translate(error.message)]
        return _unit_page(found, AddUnitForm(formdata=None, valid_from=clock.today()), form), UNPROCESSABLE
    flash(_("Đã chuyển về %(name)s.", name=other.name), "success")
    return redirect(url_for("organisation.unit", unit_id=unit_id))


@bp.post("/organisation/<int:unit_id>/merge")
def merge(unit_id: int) -> Response | tuple[str, int]:
    """End this unit in favour of another one."""
    actor = current_actor()
    found = unit_for(actor, MANAGE_ORGANISATION, unit_id)
    form = _change_form(found)
    if not form.validate_on_submit():
        return _unit_page(found, AddUnitForm(formdata=None, valid_from=clock.today()), form), UNPROCESSABLE
    other = unit_for(actor, MANAGE_ORGANISATION, form.other_id.data)
    try:
        commands.merge_unit(actor, unit_id, other.id, form.on.data or clock.today())
    except InvalidError as error:
        form.on.errors = [translate(error.message)]
        return _unit_page(found, AddUnitForm(formdata=None, valid_from=clock.today()), form), UNPROCESSABLE
    flash(_("Đã sáp nhập vào %(name)s.", name=other.name), "success")
    return redirect(url_for("organisation.unit", unit_id=other.id))


# --- what the page of a unit shows ----------------------------------------------------------------------------------


def _new_unit(form: AddUnitForm) -> commands.NewUnit:
    return commands.NewUnit(
        kind=UnitKind(form.kind.data),
        code=form.code.data or "",
        name=form.name.data or "",
        valid_from=form.valid_from.data or clock.today(),
        type_name=form.type_name.data or "",
        code_set=form.code_set.data or LOCAL_CODES,
    )


def _change_form(unit: OrgUnit) -> ChangeUnitForm:
    form = ChangeUnitForm()
    form.other_id.choices = [SelectChoice(key, label) for key, label in _others(unit)]
    return form


def _others(unit: OrgUnit) -> list[tuple[int, str]]:
    """Return the units that could be above this one or take its place, as far as the person manages them."""
    tops = queries.visible_tree(current_actor(), queries.history(db.session()), clock.today())
    found: list[tuple[int, str]] = []

    def collect(nodes: list[rules.Node], path: str) -> None:
        for node in nodes:
            label = f"{path} / {node.unit.name}" if path else node.unit.name
            if node.unit.kind not in {UnitKind.SCHOOL, UnitKind.SITE} and node.unit.id != unit.id:
                found.append((node.unit.id, label))
            collect(node.children, label)

    collect(tops, "")
    if unit.kind == UnitKind.SITE:
        found += [(school.id, school.name) for school in schools_for(current_actor(), MANAGE_ORGANISATION)]
    return found


def _may(unit: OrgUnit, permission: Permission) -> bool:
    return current_actor().may(permission, place_of_unit(unit.id))


def _unit_page(unit: OrgUnit, add_form: AddUnitForm, change_form: ChangeUnitForm) -> str:
    known = queries.history(db.session())
    if change_form.other_id.choices is None:
        change_form.other_id.choices = [SelectChoice(key, label) for key, label in _others(unit)]
    return render_template(
        "organisation/unit.html",
        unit=unit,
        within_reach=queries.units_in_reach(current_actor(), known),
        past=_past(known, unit.id),
        parent=known.units.get(unit.parent_id) if unit.parent_id else None,
        present=[
            known.units[found] for found in rules.today_of(unit.id, known.units, known.links, clock.today())
        ],
        children=_children(known, unit.id),
        add_form=add_form,
        change_form=change_form,
        may_manage=_may(unit, MANAGE_ORGANISATION) and unit.valid_to is None,
        may_merge=unit.kind in commands.MERGEABLE,
    )


def _children(known: History, unit_id: int) -> list[rules.Unit]:
    day = clock.today()
    found = [one for one in known.units.values() if one.parent_id == unit_id and one.holds_on(day)]
    return sorted(found, key=lambda one: (one.kind, one.name_sort))


def _past(known: History, unit_id: int) -> dict[str, list[tuple[date, str, rules.Unit | None]]]:
    """Return former parents, predecessors and successors, each with its day and its word."""
    return {
        "parents": [
            (link.ends_on, "", known.units.get(link.parent_id) if link.parent_id else None)
            for link in known.former
            if link.unit_id == unit_id
        ],
        "before": [
            (link.on_date, SUCCESSION_NAMES[link.kind], known.units[link.predecessor_id])
            for link in known.links
            if link.successor_id == unit_id
        ],
        "after": [
            (link.on_date, SUCCESSION_NAMES[link.kind], known.units[link.successor_id])
            for link in known.links
            if link.predecessor_id == unit_id
        ],
    }
