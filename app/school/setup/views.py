"""The set-up guide of a school, and its card on the home page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock, db
from app.http import current_actor
from app.i18n import N_
from app.school.calendar.commands import add_year
from app.school.classes.rules import KEEP_CLASSES
from app.school.queries import latest_year, place_of_unit, school_for, schools_for
from app.school.rules import IMPORT_ROSTER, PRINT_CARDS
from app.school.setup.commands import issue_school_cards
from app.school.setup.queries import state_of
from app.school.setup.rules import SET_UP_SCHOOL, STEP_NAMES, StepKey, open_steps, steps_of

if TYPE_CHECKING:
    from datetime import date

    from werkzeug.wrappers import Response

    from app.access import Actor

bp = Blueprint("setup", __name__, template_folder="templates")
MOST_ON_HOME: Final = 3
FIRST_MONTH: Final = 7
"""From July on, the year that is set up is the one that begins in September."""
HINTS: Final = {
    StepKey.YEAR: N_("Mở năm học; ghi ngày nghỉ lễ, Tết và những ngày trường quyết định khác."),
    StepKey.BELLS: N_("Giờ vào, giờ ra của từng tiết; buổi 1 hay buổi 2. Sổ điểm danh dựa vào giờ này."),
    StepKey.STAFF: N_("Nhập tệp Excel nhân sự: mỗi người có luôn một tài khoản."),
    StepKey.PUPILS: N_("Nhập tệp danh sách học sinh: lớp được tạo theo tệp. Thiếu lớp nào thì mở bằng tay."),
    StepKey.HOMEROOMS: N_("Chọn chủ nhiệm cho mọi lớp trong một bảng. Quyền xem lớp đi theo phân công."),
    StepKey.TIMETABLE: N_("Lập bản nháp, kiểm tra chỗ trùng rồi công bố từ một ngày."),
    StepKey.ACCOUNTS: N_("In phiếu đăng nhập và phát cho từng người; mật khẩu đầu tiên phải đổi."),
    StepKey.CARDS: N_("Tạo thẻ cho cả trường, rồi in theo lớp."),
}


@bp.get("/setup")
def index() -> Response:
    """Go to the guide of the one school within reach, or to the list of schools."""
    found = schools_for(current_actor(), SET_UP_SCHOOL)
    if len(found) == 1:
        return redirect(url_for("setup.guide", school_id=found[0].id))
    return redirect(url_for("school.schools"))


@bp.get("/schools/<int:school_id>/setup")
def guide(school_id: int) -> str:
    """Show the steps of setting up a school: what is done, what is missing, where to go."""
    actor = current_actor()
    unit = school_for(actor, SET_UP_SCHOOL, school_id)
    state = state_of(db.session(), school_id, clock.today())
    steps = steps_of(state)
    return render_template(
        "setup/guide.html",
        unit=unit,
        state=state,
        steps=steps,
        names=STEP_NAMES,
        hints=HINTS,
        links=_links(actor, school_id),
        next_step=next((step for step in steps if not step.is_done), None),
        done=sum(step.is_done for step in steps),
        coming_year=_year_to_open(clock.today()),
        may_print=actor.may(PRINT_CARDS, place_of_unit(school_id)),
    )


@bp.post("/schools/<int:school_id>/setup/year")
def open_year(school_id: int) -> Response:
    """Open the school year with the usual frame, as a roster would; who has a year already keeps it."""
    actor = current_actor()
    school_for(actor, SET_UP_SCHOOL, school_id)
    today = clock.today()
    if latest_year(db.session(), today) is None:
        add_year(actor, _year_to_open(today))
        flash(
            _(
                "Đã mở năm học %(year)s. Kiểm tra ngày đầu, ngày cuối ở Lịch năm học.",
                year=_year_to_open(today),
            ),
            "success",
        )
    return redirect(url_for("setup.guide", school_id=school_id))


@bp.post("/schools/<int:school_id>/setup/cards")
def issue_cards(school_id: int) -> Response:
    """Give a card to every pupil of the school who has none."""
    actor = current_actor()
    school_for(actor, PRINT_CARDS, school_id)
    made = issue_school_cards(actor, school_id, clock.today())
    flash(ngettext("Đã tạo %(num)s thẻ.", "Đã tạo %(num)s thẻ.", made), "success")
    return redirect(url_for("setup.guide", school_id=school_id))


def home_card(actor: Actor) -> dict[str, object] | None:
    """Return the schools within reach whose set-up lacks something that is needed; None when there is none."""
    schools = schools_for(actor, SET_UP_SCHOOL)
    if not schools or len(schools) > MOST_ON_HOME:
        return None
    lacking = [
        (unit, open_steps(steps_of(state_of(db.session(), unit.id, clock.today())))) for unit in schools
    ]
    found = [(unit, steps) for unit, steps in lacking if steps]
    return {"schools": found, "names": STEP_NAMES} if found else None


def _year_to_open(today: date) -> str:
    """Return the code of the year that a school would set up on a day."""
    first = today.year if today.month >= FIRST_MONTH else today.year - 1
    return f"{first}-{first + 1}"


def _links(actor: Actor, school_id: int) -> dict[StepKey, str]:
    """Return where each step is done that the person may do."""
    needs = {StepKey.PUPILS: IMPORT_ROSTER, StepKey.HOMEROOMS: KEEP_CLASSES, StepKey.CARDS: PRINT_CARDS}
    place = place_of_unit(school_id)
    pages = {
        StepKey.YEAR: url_for("calendar.year", unit_id=school_id),
        StepKey.BELLS: url_for("bells.plans", school_id=school_id),
        StepKey.STAFF: url_for("staff.index", school_id=school_id),
        StepKey.PUPILS: url_for("intake.index", school_id=school_id),
        StepKey.HOMEROOMS: url_for("classes.homerooms", school_id=school_id),
        StepKey.TIMETABLE: url_for("timetables.versions", school_id=school_id),
        StepKey.ACCOUNTS: url_for("accounts.people"),
        StepKey.CARDS: url_for("pupil_cards.index", school_id=school_id),
    }
    return {step: page for step, page in pages.items() if step not in needs or actor.may(needs[step], place)}
