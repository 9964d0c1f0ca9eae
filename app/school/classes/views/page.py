"""The page of a class as it is on a day: facts, teachers, what other packages tell, pupils."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import current_app, request, url_for

from app import clock, db
from app.accounts.rules.powers import VIEW_ACCESS
from app.http import translate
from app.i18n import N_
from app.lists.rules import Column, Filter, ListSpec, in_memory
from app.lists.views import answer
from app.school.classes import queries
from app.school.classes.rules import KEEP_CLASSES, is_over_norm, name_on, size_norm
from app.school.pupils.rules import SEX_NAMES
from app.school.queries import place_of_class, pupils_in_class
from app.school.rules import PRINT_CARDS, SESSION_NAMES, VIEW_PUPIL
from app.wiring import ClassAsked

if TYPE_CHECKING:
    from flask import Response

    from app.access import Actor
    from app.school.models import Pupil, SchoolClass


def class_page(actor: Actor, found: SchoolClass) -> Response | str:
    """Answer with the page of a class that was loaded for the actor, as it is on the day in the address, or today."""
    session, place = db.session(), place_of_class(found)
    span = queries.year_span(session, found)
    day = _asked_day(span)
    pupils = pupils_in_class(session, found.id, day)
    former = queries.former_names(session, [found.id]).get(found.id, [])
    spec = _members_list(
        found, queries.joined_on(session, found.id, day), may_open=actor.may(VIEW_PUPIL, place)
    )
    return answer(
        "school/class.html",
        spec,
        in_memory(spec, pupils),
        school_class=found,
        name_then=name_on(found.name, former, day),
        former=former,
        day=day,
        span=span,
        size=len(pupils),
        norm=size_norm(found.grade) if is_over_norm(len(pupils), found.grade) else None,
        session_name=SESSION_NAMES[found.main_session],  # type: ignore[index] # a DaySession in fact
        site=queries.site_names(session, [found]).get(found.site_id or 0),
        homeroom=[line for line in queries.homerooms_of(session, found.id) if line.state(day) == "now"],
        taught=[line for line in queries.subject_teachers_of(session, found.id) if line.state(day) == "now"],
        parts=_parts(found, span),
        may_print_cards=actor.may(PRINT_CARDS, place),
        may_keep=actor.may(KEEP_CLASSES, place),
        may_see_access=actor.may(VIEW_ACCESS, place),
    )


def _asked_day(span: tuple[date, date]) -> date:
    """Return the day in the address; without one it is today, or the first day of a year that is to come."""
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return max(clock.today(), span[0])


def _members_list(found: SchoolClass, joined: dict[int, date], *, may_open: bool) -> ListSpec[Pupil]:
    return ListSpec(
        name="pupils",
        title=N_("Danh sách lớp"),
        columns=(
            Column(
                "name",
                N_("Họ và tên"),
                lambda row: row.full_name,
                order=lambda row: row.name_sort,
                link=lambda row: url_for("pupils.page", pupil_id=row.id) if may_open else None,
            ),
            Column("birth", N_("Ngày sinh"), lambda row: row.birth_date, numeric=True),
            Column("sex", N_("Giới tính"), _sex),
            Column("code", N_("Mã định danh"), lambda row: row.ministry_code or "", numeric=True),
            Column("since", N_("Vào lớp từ ngày"), lambda row: joined.get(row.id), numeric=True),
        ),
        filters=(
            Filter(
                "sex",
                N_("Giới tính"),
                tuple(SEX_NAMES.items()),
                lambda row, wanted: (row.sex or "") == wanted,
            ),
        ),
        search_label=N_("Tìm học sinh"),
        search=lambda row: f"{row.full_name} {row.ministry_code or ''}",
        numbered=True,
        page_size=100,
        subject=("class", found.id),
    )


def _sex(pupil: Pupil) -> str:
    return translate(SEX_NAMES.get(pupil.sex or "", ""))


def _parts(found: SchoolClass, span: tuple[date, date]) -> list[tuple[str, dict[str, object]]]:
    """Return the parts that other packages add to the page, for the class's school year."""
    asked = ClassAsked(found.id, found.school_id, *span)
    built = [(part.template, part.build(asked)) for part in current_app.extensions["bangxanh.class_parts"]]
    return [(template, context) for template, context in built if context is not None]
