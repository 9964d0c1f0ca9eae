"""The published week to read and to print: one's own, a class's, all of a version on paper."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.http import current_actor
from app.school.choosing.views import choose_school
from app.school.groups.queries import groups_of_pupil
from app.school.pupils.queries import pupils_named
from app.school.queries import (
    class_for,
    class_of_pupil_on,
    lessons_on,
    own_pupil_ids,
    place_of_class,
    place_of_unit,
    places_of_pupil,
    pupil_for,
    schools_for,
    staff_of_user,
    week_on,
)
from app.school.rules import SESSION_NAMES, VIEW_CLASS
from app.school.timetables.queries import versions as queries
from app.school.timetables.queries.days import staff_of_school
from app.school.timetables.rules.marks import by_slot
from app.school.timetables.rules.versions import VIEW_PUPIL_WEEK, VIEW_TIMETABLES, VIEW_WEEK
from app.school.timetables.views.versions import WORDS, bp, unit_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.access import Actor
    from app.school.models import SchoolClass, Staff, Timetable
    from app.school.timetables.rules.grid import GridLesson
    from app.wiring import PupilAsked


@bp.get("/timetable")
def mine() -> Response | str:
    """Show a teacher's own week; a pupil's or child's; others go to the school where they work, or choose one."""
    actor, session = current_actor(), db.session()
    staff = staff_of_user(session, actor.user_id)
    schools = schools_for(actor, VIEW_TIMETABLES) if actor.unit_ids(VIEW_TIMETABLES) else []
    if staff is not None and (not schools or request.args.get("own")):
        return _own_week(staff)
    pupil_ids = own_pupil_ids(actor)
    if pupil_ids and not schools:
        return redirect(url_for("timetables.pupil_week", pupil_id=pupil_ids[0]))
    if len(schools) == 1:
        return redirect(url_for("timetables.versions", school_id=schools[0].id))
    if not schools:
        return render_template("timetables/nothing.html")
    return choose_school(_("Thời khóa biểu"), "timetables.versions", schools)


@bp.get("/pupils/<int:pupil_id>/timetable")
def pupil_week(pupil_id: int) -> str:
    """Show the week of a pupil's class as it holds on a day; the pupil, a guardian and the school may."""
    actor, session, day = current_actor(), db.session(), _asked_day()
    pupil = pupil_for(
        actor, VIEW_PUPIL_WEEK, pupil_id, day
    )  # where the pupil was then: no other school is shown
    found = class_of_pupil_on(session, pupil_id, day)
    row = queries.timetable_to_read(session, found.school_id, day, found.year_id) if found else None
    lessons = queries.grid_lessons(session, row.id) if row else []
    own = [lesson for lesson in lessons if found is not None and lesson.class_id == found.id]
    others = own_pupil_ids(actor)
    return render_template(
        "timetables/week.html",
        title=found.name if found else "",
        who="pupil",
        pupil=pupil,
        siblings=pupils_named(session, others) if pupil_id in others else [],
        groups=groups_of_pupil(session, pupil_id, day),
        links=[],
        **_week(row, found.school_id if found else 0, own, day, found.grade if found else None),
    )


@bp.get("/classes/<int:class_id>/timetable")
def class_week(class_id: int) -> str:
    """Show the week of a class as it holds on a day."""
    found = class_for(current_actor(), VIEW_WEEK, class_id)
    return _class_week(found)


@bp.get("/timetables/<int:timetable_id>/paper")
def paper(timetable_id: int) -> str:
    """Show the weeks of all classes, or of all teachers, a sheet of paper each."""
    row = queries.timetable_for(current_actor(), VIEW_TIMETABLES, timetable_id)
    of_staff = request.args.get("of") == "staff"
    session = db.session()
    lessons = queries.grid_lessons(session, row.id)
    return render_template(
        "timetables/paper.html",
        unit=unit_of(row),
        row=row,
        of_staff=of_staff,
        weeks=_weeks_of_staff(row, lessons) if of_staff else _weeks_of_classes(row, lessons),
        **WORDS,
    )


def pupil_part(asked: PupilAsked) -> dict[str, object] | None:
    """Return a pupil's lessons of today for the pupil's page; None when no school shown has the pupil today."""
    session, day = db.session(), clock.today()
    found = class_of_pupil_on(session, asked.pupil_id, day)
    if found is None or found.school_id not in (asked.school_ids or {found.school_id}):
        return None
    may_see_week = any(
        current_actor().may(VIEW_PUPIL_WEEK, place) for place in places_of_pupil(asked.pupil_id, day)
    )
    lessons = lessons_on(session, found.school_id, day, class_id=found.id)
    return {
        "lessons": lessons,
        "session_names": SESSION_NAMES,
        "pupil_id": asked.pupil_id,
        "may_see_week": may_see_week,
    }


def own_lessons_card(actor: Actor) -> dict[str, object] | None:
    """Return today's lessons of a pupil, or of each child of a guardian, for the home page; None for others."""
    session, day = db.session(), clock.today()
    found = [
        {"pupil": pupil, "class": own, "lessons": lessons_on(session, own.school_id, day, class_id=own.id)}
        for pupil in pupils_named(session, own_pupil_ids(actor))
        if (own := class_of_pupil_on(session, pupil.id, day)) is not None
    ]
    return {"children": found, "session_names": SESSION_NAMES, "actor": actor} if found else None


# --- what the pages show ------------------------------------------------------------------------------------------


def _own_week(staff: Staff) -> str:
    session, day = db.session(), _asked_day()
    row = queries.timetable_to_read(session, staff.school_id, day)
    lessons = queries.grid_lessons(session, row.id) if row else []
    own = [lesson for lesson in lessons if staff.id in lesson.line.staff_ids]
    return render_template(
        "timetables/week.html",
        title=staff.full_name,
        who="staff",
        links=[],
        **_week(row, staff.school_id, own, day, None),
    )


def _class_week(found: SchoolClass) -> str:
    session, day, actor = db.session(), _asked_day(), current_actor()
    row = queries.timetable_to_read(session, found.school_id, day, found.year_id)
    lessons = queries.grid_lessons(session, row.id) if row else []
    own = [lesson for lesson in lessons if lesson.class_id == found.id]
    sees_all = actor.may(VIEW_TIMETABLES, place_of_unit(found.school_id))
    return render_template(
        "timetables/week.html",
        title=found.name,
        who="class",
        school_class=found,
        may_open_class=actor.may(VIEW_CLASS, place_of_class(found)),
        links=queries.classes_in(session, row) if row and sees_all else [],
        **_week(row, found.school_id, own, day, found.grade),
    )


def _week(
    row: Timetable | None, school_id: int, own: list[GridLesson], day: date, grade: int | None
) -> dict[str, object]:
    session = db.session()
    return {
        "row": row,
        "unit": unit_of(row) if row else None,
        "frame": queries.frame_of(session, row, own, grade) if row else None,
        "cells": by_slot(own),
        "count": len({lesson.slot for lesson in own}),
        "on": day,
        "week": week_on(session, school_id, day) if school_id else None,
        "is_coming": row is not None and row.starts_on > day,
        **WORDS,
    }


def _weeks_of_classes(row: Timetable, lessons: list[GridLesson]) -> list[dict[str, object]]:
    session = db.session()
    frame_of = queries.frames_of(session, row)
    return [
        {"title": one.name, "frame": frame_of(own, one.grade), "cells": by_slot(own)}
        for one in queries.classes_in(session, row)
        if (own := [lesson for lesson in lessons if lesson.class_id == one.id])
    ]


def _weeks_of_staff(row: Timetable, lessons: list[GridLesson]) -> list[dict[str, object]]:
    session = db.session()
    frame_of = queries.frames_of(session, row)
    taught: defaultdict[int, list[GridLesson]] = defaultdict(list)
    for lesson in lessons:
        for staff_id in lesson.line.staff_ids:
            taught[staff_id].append(lesson)
    return [
        {"title": one.full_name, "frame": frame_of(own, None), "cells": by_slot(own)}
        for one in staff_of_school(session, row.school_id)
        if (own := taught[one.id])
    ]


def _asked_day() -> date:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return clock.today()
