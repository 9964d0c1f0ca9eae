"""Pages of teaching groups: the list of a school, a group with its members and teacher."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types

from app import clock, db
from app.errors import ConflictError, InvalidError
from app.http import LARGEST_ID, current_actor
from app.i18n import N_, say
from app.lists.rules import Column, Filter, ListSpec, choices_of, in_memory
from app.lists.views import answer
from app.school.classes.queries import staff_to_choose
from app.school.classes.rules import KEEP_CLASSES
from app.school.classes.views.keeping import show_refusal
from app.school.groups import commands, queries
from app.school.groups.forms import DayForm, GroupForm, MembersForm, TeacherForm
from app.school.groups.rules import VIEW_OWN_GROUPS, NewGroup
from app.school.models import SchoolYear, Subject
from app.school.queries import classes_of_school, latest_year, pupils_in_class, school_for, staff_of_user
from app.school.timetables.queries.versions import subjects

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from flask import Response as FileResponse
    from flask_wtf import FlaskForm
    from werkzeug.wrappers import Response

    from app.access import Actor
    from app.school.groups.models import TeachingGroup
    from app.school.groups.queries import GroupLine, MemberLine, OwnMember
    from app.school.models import OrgUnit

bp = Blueprint("groups", __name__, template_folder="templates")
UNPROCESSABLE: Final = 422


@bp.get("/schools/<int:school_id>/groups")
def of_school(school_id: int) -> FileResponse | str:
    """List a school's teaching groups of this year, with the form for a new one."""
    unit = school_for(current_actor(), KEEP_CLASSES, school_id)
    return _list_page(unit, _with_staff(GroupForm(starts_on=_first_day()), school_id))


@bp.post("/schools/<int:school_id>/groups")
def make(school_id: int) -> Response | tuple[FileResponse | str, int]:
    """Make a group and go to its page."""
    actor = current_actor()
    unit = school_for(actor, KEEP_CLASSES, school_id)
    form, year = _with_staff(GroupForm(), school_id), latest_year(db.session(), clock.today())
    made: list[int] = []
    if year is not None and _is_done(
        form,
        lambda: made.append(
            commands.make_group(
                actor,
                school_id,
                year.id,
                NewGroup(
                    form.name.data or "",
                    form.subject.data or "",
                    form.staff_id.data,
                    form.starts_on.data or clock.today(),
                ),
            )
        ),
    ):
        return redirect(url_for("groups.page", group_id=made[0]))
    return _list_page(unit, form), UNPROCESSABLE


@bp.get("/groups")
def own() -> FileResponse | str:
    """List the pupils of the groups that the reader teaches today."""
    actor, session = current_actor(), db.session()
    staff = staff_of_user(session, actor.user_id)
    members = queries.own_members(session, staff.id, clock.today()) if staff else []
    spec = _own_list(members, staff.school_id if staff else 0)
    return answer("groups/own.html", spec, in_memory(spec, members))


def home_card(actor: Actor) -> dict[str, object] | None:
    """Return the groups that somebody teaches today, with how many are in each; None for who teaches none."""
    staff = staff_of_user(db.session(), actor.user_id) if actor.may_somewhere(VIEW_OWN_GROUPS) else None
    members = queries.own_members(db.session(), staff.id, clock.today()) if staff else []
    return {"groups": list(Counter(one.group for one in members).items())} if members else None


def _own_list(members: list[OwnMember], school_id: int) -> ListSpec[OwnMember]:
    return ListSpec(
        name="own-groups",
        title=N_("Nhóm học của tôi"),
        columns=(
            Column("group", N_("Nhóm"), lambda row: row.group, order=lambda row: row.group_sort),
            Column("name", N_("Họ và tên"), lambda row: row.name, order=lambda row: row.name_sort),
            Column("class", N_("Lớp"), lambda row: row.class_name, order=lambda row: row.class_sort),
            Column("subject", N_("Môn"), lambda row: row.subject),
        ),
        filters=(
            Filter(
                "group",
                N_("Nhóm"),
                choices_of(members, lambda row: row.group),
                lambda row, it: row.group == it,
            ),
        ),
        search_label=N_("Tìm học sinh"),
        search=lambda row: f"{row.name} {row.class_name}",
        page_size=100,
        subject=("school", school_id),
    )


@bp.get("/groups/<int:group_id>")
def page(group_id: int) -> FileResponse | str:
    """Show a group: its teacher, its members, the pupils of a class to take in."""
    return _page(queries.group_for(current_actor(), KEEP_CLASSES, group_id))


@bp.post("/groups/<int:group_id>/teacher")
def appoint(group_id: int) -> Response | tuple[FileResponse | str, int]:
    """Have somebody teach the group from a day on."""
    actor = current_actor()
    group = queries.group_for(actor, KEEP_CLASSES, group_id)
    form = _with_staff(TeacherForm(), group.school_id)
    staff_id, day = form.staff_id.data, form.starts_on.data or clock.today()
    return _done(group, form, lambda: commands.appoint_teacher(actor, group_id, staff_id, day))


@bp.post("/groups/<int:group_id>/members")
def add(group_id: int) -> Response | tuple[FileResponse | str, int]:
    """Take the chosen pupils into the group."""
    actor = current_actor()
    group = queries.group_for(actor, KEEP_CLASSES, group_id)
    form = MembersForm()
    day, pupil_ids = form.starts_on.data or clock.today(), _chosen_pupils()
    return _done(group, form, lambda: commands.add_members(actor, group_id, pupil_ids, day))


@bp.post("/groups/<int:group_id>/members/end")
def end_member(group_id: int) -> Response | tuple[FileResponse | str, int]:
    """Let a pupil go from today on."""
    actor = current_actor()
    group = queries.group_for(actor, KEEP_CLASSES, group_id)
    form = DayForm()
    pupil_id, day = request.form.get("pupil", 0, int), form.day.data or clock.today()
    return _done(group, form, lambda: commands.end_member(actor, group_id, pupil_id, day))


@bp.post("/groups/<int:group_id>/close")
def close(group_id: int) -> Response | tuple[FileResponse | str, int]:
    """Close the group from a day on."""
    actor = current_actor()
    group = queries.group_for(actor, KEEP_CLASSES, group_id)
    form = DayForm()
    day = form.day.data or clock.today()
    return _done(group, form, lambda: commands.close_group(actor, group_id, day))


# --- what the pages show ------------------------------------------------------------------------------------------


def _is_done(form: FlaskForm, work: Callable[[], object]) -> bool:
    if not form.validate_on_submit():
        return False
    try:
        work()
    except (InvalidError, ConflictError) as error:
        db.session().rollback()
        show_refusal(form, error)
        return False
    return True


def _done(
    group: TeachingGroup, form: FlaskForm, work: Callable[[], object]
) -> Response | tuple[FileResponse | str, int]:
    group_id = group.id
    if _is_done(form, work):
        flash(_("Đã lưu."), "success")
        return redirect(url_for("groups.page", group_id=group_id))
    return _page(group, form), UNPROCESSABLE


def _chosen_pupils() -> list[int]:
    """Return the pupils whose boxes are marked; what is no number a column can hold is left out."""
    sent = [value for value in request.form.getlist("pupil") if value.isdecimal()]
    return [number for value in sent if (number := int(value[:11])) <= LARGEST_ID]


def _with_staff(form: TeacherForm, school_id: int) -> TeacherForm:
    form.staff_id.choices = [
        SelectChoice(0, _("(chọn giáo viên)")),
        *(SelectChoice(row.id, row.full_name) for row in staff_to_choose(db.session(), school_id)),
    ]
    return form


def _first_day() -> date:
    year = latest_year(db.session(), clock.today())
    return max(clock.today(), year.starts_on) if year else clock.today()


def _list_page(unit: OrgUnit, form: TeacherForm) -> FileResponse | str:
    session = db.session()
    year = latest_year(session, clock.today())
    lines = queries.groups_of_school(session, unit.id, year.id, _first_day()) if year else []
    spec = _groups_list(lines)
    return answer(
        "groups/list.html",
        spec,
        in_memory(spec, lines),
        unit=unit,
        year=year,
        form=form,
        subjects=subjects(session),
    )


def _groups_list(lines: list[GroupLine]) -> ListSpec[GroupLine]:
    return ListSpec(
        name="groups",
        title=N_("Nhóm học"),
        columns=(
            Column(
                "name",
                N_("Nhóm"),
                lambda row: row.name,
                order=lambda row: row.name_sort,
                link=lambda row: url_for("groups.page", group_id=row.id),
            ),
            Column("subject", N_("Môn học"), lambda row: row.subject),
            Column("teacher", N_("Giáo viên"), lambda row: row.teacher),
            Column("size", N_("Số học sinh"), lambda row: row.size, numeric=True),
            Column(
                "note",
                N_("Cần để ý"),
                lambda row: say("Đóng từ %(day)s", day=f"{row.closed_on:%d/%m/%Y}") if row.closed_on else "",
            ),
        ),
        filters=(
            Filter(
                "subject",
                N_("Môn học"),
                choices_of(lines, lambda row: row.subject),
                lambda row, it: row.subject == it,
            ),
        ),
        search_label=N_("Tìm theo nhóm, môn hoặc giáo viên"),
        search=lambda row: f"{row.name} {row.subject} {row.teacher}",
    )


def _members_list(group: TeachingGroup, members: list[MemberLine]) -> ListSpec[MemberLine]:
    return ListSpec(
        name="members",
        title=say("Học sinh nhóm %(name)s", name=group.name),
        columns=(
            Column(
                "name",
                N_("Họ và tên"),
                lambda row: row.pupil.full_name,
                order=lambda row: row.pupil.name_sort,
            ),
            Column("class", N_("Lớp"), lambda row: row.class_name, order=lambda row: row.class_sort),
            Column("starts_on", N_("Vào nhóm từ ngày"), lambda row: row.starts_on, numeric=True),
        ),
        filters=(
            Filter(
                "class",
                N_("Lớp"),
                choices_of(members, lambda row: row.class_name),
                lambda row, it: row.class_name == it,
            ),
        ),
        search_label=N_("Tìm học sinh"),
        search=lambda row: f"{row.pupil.full_name} {row.class_name}",
        numbered=True,
        page_size=100,
        subject=("school", group.school_id),
    )


def _page(group: TeachingGroup, form: FlaskForm | None = None) -> FileResponse | str:
    session = db.session()
    year = session.get_one(SchoolYear, group.year_id)
    day = max(clock.today(), year.starts_on)
    members = queries.members_of(session, group, day)
    classes = classes_of_school(session, group.school_id, group.year_id)
    asked = request.args.get("class_id", type=int)
    chosen = (
        next((row for row in classes if row.id == asked), None) if asked and asked <= LARGEST_ID else None
    )
    inside = {line.pupil.id for line in members}
    spec = _members_list(group, members)
    return answer(
        "groups/page.html",
        spec,
        in_memory(spec, members),
        group=group,
        subject=session.get_one(Subject, group.subject_id).name,
        count=len(members),
        duties=queries.duties_of(session, group.id),
        staff=staff_to_choose(session, group.school_id),
        classes=classes,
        chosen=chosen,
        offered=[one for one in pupils_in_class(session, chosen.id, day) if one.id not in inside]
        if chosen
        else [],
        day=day,
        form=form,
        is_open=group.closed_on is None or group.closed_on > day,
    )
