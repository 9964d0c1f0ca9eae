"""Typing a paper register in: the week of a class as a grid; each session is saved as if taken on the sheet.

The office types in what nobody has taken, in the name of the teacher who wrote the paper.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum, auto
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import uuid4

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import BangXanhError, InvalidError
from app.http import current_actor, translate
from app.i18n import N_
from app.school.queries import class_for, place_of_class
from app.school.timetables.rules.weeks import monday_of
from attendance.months.queries.grid import Grid, grid_of_week, teachers_of_class
from attendance.months.rules import TYPE_PAPER
from attendance.months.views.closing import bp
from attendance.registers.commands.paper import type_paper, type_paper_for
from attendance.registers.commands.saving import Save
from attendance.registers.rules.marks import MarkValue, Operation
from attendance.registers.rules.states import TAKE_REGISTER, Submit, slot_words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from werkzeug.wrappers import Response

    from app.access import Actor
    from app.school.models import SchoolClass
    from attendance.registers.commands.saving import Saved
    from attendance.registers.models import Register

DEVICE = "paper-grid"


@bp.get("/attendance/months/class/<int:class_id>/grid")
def grid(class_id: int) -> str:
    """Show the week of a class: a line for each pupil, a column for each session."""
    actor = current_actor()
    return _page(actor, class_for(actor, TYPE_PAPER, class_id))


def _page(
    actor: Actor,
    school_class: SchoolClass,
    typed: Mapping[str, str] = MappingProxyType({}),
    wrong: Collection[str] = (),
) -> str:
    """Return the page; `typed` are the fields of a form that was not saved, `wrong` the names of those at fault."""
    monday, is_office = _monday(), _is_office(actor, school_class)
    return render_template(
        "months/grid.html",
        school_class=school_class,
        grid=grid_of_week(db.session(), school_class, monday, clock.today()),
        typed=typed,
        wrong=wrong,
        monday=monday,
        before=monday - timedelta(days=7),
        after=monday + timedelta(days=7),
        slot_words=slot_words,
        is_office=is_office,
        teachers=teachers_of_class(db.session(), school_class, _last_day(monday)) if is_office else [],
        client_key=uuid4().hex[:12],
    )


@bp.post("/attendance/months/class/<int:class_id>/grid")
def type_in(class_id: int) -> Response | tuple[str, int]:
    """Save the sessions that were ticked, each for itself; what could not be saved is said by name, and kept."""
    actor = current_actor()
    school_class = class_for(actor, TYPE_PAPER, class_id)
    monday = _monday()
    store = _store_for(actor, school_class, _last_day(monday))
    found = grid_of_week(db.session(), school_class, monday, clock.today())
    ticked = [one for one in found.registers if f"t-{one.id}" in request.form]
    if wrong := _unknown_signs(ticked, found):
        for sign in sorted(set(wrong.values())):
            flash(_("Không có ký hiệu điểm danh “%(letter)s”.", letter=sign), "error")
        return _page(actor, school_class, request.form, wrong), 422
    saves = [(one, _save(one, found)) for one in ticked]
    outcomes = {register.id: _stored(store, register, save) for register, save in saves}
    if stored := sum(outcome is Outcome.STORED for outcome in outcomes.values()):
        flash(_("Đã lưu %(count)s sổ.", count=stored), "success")
    if refused := {key for key, outcome in outcomes.items() if outcome is Outcome.REFUSED}:
        kept = {name: value for name, value in request.form.items() if _register_of(name) in refused}
        return _page(actor, school_class, kept), 409
    return redirect(url_for("months.grid", class_id=class_id, week=monday.isoformat()))


def _unknown_signs(registers: Iterable[Register], found: Grid) -> dict[str, str]:
    """Return {name of the field: what was typed} of signs that the school does not write."""
    known = {code.letter.casefold() for code in found.known.offered} | {""}
    fields = {f"m-{one.id}-{pupil[0]}" for one in registers for pupil in found.pupils}
    typed = {name: request.form.get(name, "").strip()[:4] for name in fields}
    return {name: sign for name, sign in typed.items() if sign.casefold() not in known}


def _register_of(name: str) -> int | None:
    """Return the register to which a field of the form belongs."""
    part = name.split("-")[1:2]
    return int(part[0]) if part and part[0].isdecimal() else None


def _is_office(actor: Actor, school_class: SchoolClass) -> bool:
    """Say whether somebody types in what others wrote, and not the own registers."""
    return not actor.may(TAKE_REGISTER, place_of_class(school_class))


def _store_for(actor: Actor, school_class: SchoolClass, day: date) -> Callable[[int, Save], Saved]:
    """Return how a register is stored for this person. Raises InvalidError for a teacher who is none of the class."""
    if not _is_office(actor, school_class):
        return lambda register_id, save: type_paper(actor, register_id, save)
    asked = request.form.get("teacher", type=int)
    known = {one.user_id for one in teachers_of_class(db.session(), school_class, day)}
    if asked is not None and asked not in known:
        raise InvalidError(N_("Chọn giáo viên của lớp."))
    return lambda register_id, save: type_paper_for(actor, register_id, save, asked)


def _last_day(monday: date) -> date:
    """Return the last day of a week of which anybody can have a paper."""
    return max(monday, min(monday + timedelta(days=6), clock.today()))


def _monday() -> date:
    try:
        return monday_of(date.fromisoformat(request.args.get("week", "")))
    except ValueError:
        return monday_of(clock.today())


def _save(register: Register, found: Grid) -> Save:
    key = request.form.get("client_key", "")[:12] or uuid4().hex[:12]
    base = request.form.get(f"v-{register.id}", type=int)
    base = register.row_version if base is None else base
    return Save(
        f"{key}:{register.id}",
        DEVICE,
        base,
        tuple(_operations(register, found, key, base)),
        Submit.FINAL,
    )


def _operations(register: Register, found: Grid, key: str, base: int) -> Iterator[Operation]:
    """Yield what differs from what stands; the signs are known (`_unknown_signs`)."""
    letters = {code.letter.casefold(): code.letter for code in found.known.offered} | {"": ""}
    for pupil in found.pupils:
        if not found.is_in_class(pupil, register.day):
            continue
        typed = request.form.get(f"m-{register.id}-{pupil[0]}", "").strip()
        letter = letters[typed[:4].casefold()]
        if letter != found.letters.get((register.id, pupil[0]), ""):
            yield Operation(f"{key}:{register.id}:{pupil[0]}", pupil[0], MarkValue(letter), base)


class Outcome(Enum):
    """What became of a session's save: a crossed one is stored but for what somebody else wrote meanwhile."""

    STORED = auto()
    CROSSED = auto()
    REFUSED = auto()


def _stored(store: Callable[[int, Save], Saved], register: Register, save: Save) -> Outcome:
    """Save one session; say what is in the way, and go on with the others."""
    where = f"{register.day:%d/%m} {translate(slot_words(register.slot)).lower()}"
    try:
        saved = store(register.id, save)
    except BangXanhError as error:
        flash(f"{where}: {translate(str(error))}", "error")
        return Outcome.REFUSED
    if saved.conflicts:
        flash(_("%(where)s: người khác vừa ghi khác. Hãy mở sổ để chọn.", where=where), "error")
    return Outcome.CROSSED if saved.conflicts else Outcome.STORED
