"""The grid of a version: a class's week or a teacher's, the editor of one cell, taking back the last edit."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import db
from app.errors import ConflictError, InvalidError, NotFoundError
from app.http import current_actor, translate
from app.school.models import SchoolClass, Staff
from app.school.timetables.commands import cells as commands
from app.school.timetables.forms import LINES, CellForm, lines_of
from app.school.timetables.queries import versions as queries
from app.school.timetables.queries.days import staff_of_school
from app.school.timetables.rules.grid import Slot, conflicts_in
from app.school.timetables.rules.marks import busy_in, by_slot, marks_of, pairs_of, slot_after
from app.school.timetables.rules.versions import EDIT_TIMETABLES, VIEW_TIMETABLES
from app.school.timetables.views.versions import UNPROCESSABLE, WORDS, bp, conflict_url, may_edit, unit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.datastructures import MultiDict
    from werkzeug.wrappers import Response

    from app.school.models import Timetable
    from app.school.timetables.queries.versions import Frame
    from app.school.timetables.rules.grid import GridLesson

CONFLICT: Final = 409


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a class's week, or a teacher's; a cell to edit, and of which class."""

    class_id: int | None
    staff_id: int | None
    slot: Slot | None

    def address(self, timetable_id: int, slot: Slot | None, class_id: int | None = None) -> str:
        """Return the page with another cell open."""
        return url_for(
            "timetables.version",
            timetable_id=timetable_id,
            class_id=class_id or self.class_id,
            staff_id=self.staff_id,
            slot=slot.key if slot else None,
        )


@bp.get("/timetables/<int:timetable_id>")
def version(timetable_id: int) -> str:
    """Show a week of a version; of a draft a cell may be open."""
    row = queries.timetable_for(current_actor(), VIEW_TIMETABLES, timetable_id)
    return _page(row, _asked())


@bp.post("/timetables/<int:timetable_id>/cell")
def set_cell(timetable_id: int) -> Response | tuple[str, int]:
    """Write a cell, and stay on it or go to the next one."""
    actor = current_actor()
    row = queries.timetable_for(actor, EDIT_TIMETABLES, timetable_id)
    form, asked = CellForm(), _asked()
    slot = asked.slot
    if not form.validate_on_submit() or slot is None:
        return _page(row, asked, _("Chọn một ô của thời khóa biểu.")), UNPROCESSABLE
    class_id, seen = form.class_id.data or 0, form.seen.data or 0
    try:
        lines = lines_of(request.form)
        edit = commands.CellEdit(class_id, slot, lines, seen, form.client_key.data or "")
        commands.set_cell(actor, timetable_id, edit)
    except InvalidError as error:
        return _page(row, asked, translate(error.message), sent=request.form), UNPROCESSABLE
    except ConflictError as error:
        return _page(row, asked, translate(str(error))), CONFLICT
    goes_on = "pick" in request.form or "next" in request.form
    return redirect(asked.address(timetable_id, _next(row, class_id, slot) if goes_on else slot, class_id))


@bp.post("/timetables/<int:timetable_id>/undo")
def undo(timetable_id: int) -> Response:
    """Take back the person's last edit of a draft."""
    actor = current_actor()
    row = queries.timetable_for(actor, EDIT_TIMETABLES, timetable_id)
    found = queries.edit_to_undo(db.session(), row.id, actor.user_id)
    if found is None:
        flash(_("Không còn thay đổi nào của bạn để hoàn tác."), "info")
        return redirect(url_for("timetables.version", timetable_id=timetable_id))
    class_id, edit_id = found[0].class_id, found[0].id
    key = f"{found[0].weekday}-{found[0].day_session}-{found[0].number}"
    commands.undo_edit(actor, timetable_id, edit_id)
    flash(_("Đã hoàn tác thay đổi ở lớp %(name)s.", name=found[1]), "success")
    return redirect(url_for("timetables.version", timetable_id=timetable_id, class_id=class_id, slot=key))


# --- what the page shows ------------------------------------------------------------------------------------------


def _asked() -> Asked:
    return Asked(
        request.values.get("class_id", type=int),
        request.values.get("staff_id", type=int),
        Slot.from_key(request.values.get("slot", "")),
    )


def _next(row: Timetable, class_id: int, slot: Slot) -> Slot:
    session = db.session()
    lessons = [one for one in queries.grid_lessons(session, row.id) if one.class_id == class_id]
    school_class = session.get_one(SchoolClass, class_id)
    frame = queries.frame_of(session, row, lessons, school_class.grade)
    return slot_after(slot, frame.rows, frame.weekdays) or slot


def _page(
    row: Timetable, asked: Asked, problem: str | None = None, *, sent: MultiDict[str, str] | None = None
) -> str:
    session = db.session()
    session.refresh(row)
    lessons = queries.grid_lessons(session, row.id)
    classes = queries.classes_in(session, row)
    staff = staff_of_school(session, row.school_id)
    teacher = next((one for one in staff if one.id == asked.staff_id), None)
    shown_class = next((one for one in classes if one.id == asked.class_id), None)
    if shown_class is None and teacher is None:
        if asked.class_id or asked.staff_id:
            raise NotFoundError
        shown_class = classes[0] if classes else None
    own = _own(lessons, shown_class, teacher)
    frame = queries.frame_of(session, row, own, shown_class.grade if shown_class else None)
    conflicts = conflicts_in(lessons)
    context = _Context(row, asked, lessons, frame, shown_class, teacher)
    return render_template(
        "timetables/grid.html",
        unit=unit_of(row),
        row=row,
        classes=classes,
        staff=staff,
        load=_load(lessons),
        shown_class=shown_class if teacher is None else None,
        teacher=teacher,
        frame=frame,
        cells=by_slot(own),
        conflicts=conflicts,
        marks=marks_of(lessons, conflicts),
        by_id={lesson.entry_id: lesson for lesson in lessons},
        problem=problem,
        editor=_editor(context, staff, classes, sent),
        undoable=queries.edit_to_undo(session, row.id, current_actor().user_id) if may_edit(row) else None,
        cell_url=context.cell_url,
        conflict_url=partial(conflict_url, timetable_id=row.id),
        may_edit=may_edit(row),
        **WORDS,
    )


def _own(
    lessons: Sequence[GridLesson], shown_class: SchoolClass | None, teacher: Staff | None
) -> list[GridLesson]:
    if teacher is not None:
        return [lesson for lesson in lessons if teacher.id in lesson.line.staff_ids]
    return [lesson for lesson in lessons if shown_class is not None and lesson.class_id == shown_class.id]


def _load(lessons: Sequence[GridLesson]) -> dict[str, dict[int, int]]:
    """Return in how many periods of the week each class and each teacher is."""
    classes: dict[int, set[Slot]] = {}
    people: dict[int, set[Slot]] = {}
    for lesson in lessons:
        classes.setdefault(lesson.class_id, set()).add(lesson.slot)
        for staff_id in lesson.line.staff_ids:
            people.setdefault(staff_id, set()).add(lesson.slot)
    return {
        "classes": {key: len(slots) for key, slots in classes.items()},
        "staff": {key: len(slots) for key, slots in people.items()},
    }


@dataclass(frozen=True, slots=True)
class _Context:
    row: Timetable
    asked: Asked
    lessons: Sequence[GridLesson]
    frame: Frame
    shown_class: SchoolClass | None
    teacher: Staff | None

    def cell_url(self, slot_key: str, cell: Sequence[GridLesson]) -> str | None:
        """Return where a cell is edited; a teacher's busy cell opens the class's."""
        if not may_edit(self.row):
            return None
        slot = Slot.from_key(slot_key)
        if self.teacher is None:
            return self.asked.address(self.row.id, slot, self.shown_class.id if self.shown_class else None)
        there = Asked(cell[0].class_id if cell else None, self.teacher.id, slot)
        return there.address(self.row.id, slot)


def _editor(
    context: _Context,
    staff: Sequence[Staff],
    classes: Sequence[SchoolClass],
    sent: MultiDict[str, str] | None,
) -> dict[str, Any] | None:
    """Return what the editor of the open cell shows; None when no cell is open or nothing can be edited."""
    slot, lessons = context.asked.slot, context.lessons
    if slot is None or not may_edit(context.row):
        return None
    edited = context.shown_class
    taken = {lesson.class_id for lesson in lessons if lesson.slot == slot}
    if edited is None:
        return {"slot": slot, "edited": None, "free": [one for one in classes if one.id not in taken]}
    session = db.session()
    at_once = by_slot(lesson for lesson in lessons if lesson.class_id == edited.id and lesson.slot == slot)
    held = at_once.get(slot.key, ())
    return {
        "slot": slot,
        "edited": edited,
        "lines": _lines(held, sent, context.teacher),
        "held": held,
        "seen": queries.cell_version(session, context.row.id, edited.id, slot),
        "client_key": secrets.token_urlsafe(24),
        "subjects": queries.subjects(session),
        "used": {pair.subject_id for pair in pairs_of(lessons, edited.id)},
        "pairs": pairs_of(lessons, edited.id),
        "busy": busy_in(lessons, slot, edited.id),
        "rooms": sorted({lesson.line.room for lesson in lessons if lesson.line.room}),
        "staff": staff,
    }


def _lines(
    held: Sequence[GridLesson], sent: MultiDict[str, str] | None, teacher: Staff | None
) -> list[dict[str, Any]]:
    """Return what the inputs of the editor's lines hold: what was sent and refused, else what the cell has."""
    lines: list[dict[str, Any]] = []
    for number in range(LINES):
        if sent is not None:
            lines.append(
                {name: sent.get(f"{name}-{number}", "") for name in ("weeks", "subject", "staff", "room")}
                | {"co": [value for value in sent.getlist(f"co-{number}") if value]}
            )
        elif number < len(held):
            line = held[number].line
            first, *others = line.staff_ids
            lines.append(
                {
                    "weeks": line.weeks.value,
                    "subject": str(line.subject_id),
                    "staff": str(first),
                    "co": [str(one) for one in others],
                    "room": line.room,
                }
            )
        else:
            leads = str(teacher.id) if teacher and not held and number == 0 else ""
            lines.append({"weeks": "", "subject": "", "staff": leads, "co": [], "room": ""})
    return lines
