"""The organisation of any day: as a tree, and as a list to search, sort, print and take along."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from flask import Blueprint, render_template, request, url_for

from app import clock, db
from app.http import current_actor
from app.i18n import N_, say
from app.lists.rules import Column, Filter, ListSpec, in_memory
from app.lists.views import answer
from app.school.organisation import queries, rules
from app.school.rules import UnitKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from flask import Response

    from app.school.organisation.queries import History
    from app.school.organisation.rules import Placed

bp = Blueprint("organisation", __name__, template_folder="../templates")
ONE_DAY: Final = timedelta(days=1)
A_YEAR: Final = timedelta(days=365)
"""The slider goes back at least so far."""
A_MONTH: Final = timedelta(days=31)
"""So far before the first change, so that what was before it can be dragged to, too."""
KIND_NAMES: Final = {
    UnitKind.PROVINCE: N_("Cấp tỉnh"),
    UnitKind.DISTRICT: N_("Cấp huyện"),
    UnitKind.WARD: N_("Phường, xã"),
    UnitKind.SCHOOL: N_("Trường"),
    UnitKind.SITE: N_("Điểm trường"),
}


def _asked_day() -> date:
    """Return the day in the address, today when there is none or it is no day."""
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return clock.today()


@bp.get("/organisation")
def tree() -> str:
    """Show the organisation as it was on a day, with the days on which it changed."""
    actor, day, today = current_actor(), _asked_day(), clock.today()
    known = queries.history(db.session())
    turns = rules.turning_days(known.units.values(), known.former, known.links)
    first = min([*(turn - A_MONTH for turn in turns), day, today - A_YEAR])
    return render_template(
        "organisation/tree.html",
        tops=queries.visible_tree(actor, known, day),
        within_reach=queries.units_in_reach(actor, known),
        day=day,
        turns=turns,
        first=first,
        stops=[(turn - first).days for turn in turns],
        at=(day - first).days,
        then=turns[0] - ONE_DAY if day == today and turns else day,
        length=(max(today, day) - first).days,
        present=_present_names(known, day, today),
    )


def _present_names(known: History, day: date, today: date) -> dict[int, str]:
    """Return {unit: what stands for it today} of the units of a day that are no more; "" when nothing does."""
    gone = [unit for unit in known.units.values() if unit.holds_on(day) and not unit.holds_on(today)]
    return {
        unit.id: ", ".join(
            known.units[found].name for found in rules.today_of(unit.id, known.units, known.links, today)
        )
        for unit in gone
    }


@bp.get("/organisation/list")
def units() -> Response | str:
    """List the units of a day, each with the units above it."""
    actor, day = current_actor(), _asked_day()
    known = queries.history(db.session())
    placed = rules.flat(queries.visible_tree(actor, known, day))
    spec = _units_list(day, queries.units_in_reach(actor, known), _present_names(known, day, clock.today()))
    return answer("organisation/list.html", spec, in_memory(spec, placed), day=day)


def _units_list(day: date, within_reach: Collection[int], present: dict[int, str]) -> ListSpec[Placed]:
    """`present` says of the units that are no more what stands for them; the column is left out where all are there."""
    later: Column[Placed] = Column("now", N_("Nay là"), lambda row: _now(row, present))
    return ListSpec(
        name="units",
        title=say("Đơn vị vào ngày %(day)s", day=f"{day:%d/%m/%Y}"),
        columns=(
            Column(
                "name",
                N_("Tên"),
                lambda row: row.unit.name,
                order=lambda row: row.unit.name_sort,
                link=lambda row: (
                    url_for("organisation.unit", unit_id=row.unit.id) if row.unit.id in within_reach else None
                ),
            ),
            Column("kind", N_("Cấp"), lambda row: say(KIND_NAMES[UnitKind(row.unit.kind)])),
            Column("type", N_("Loại hình"), lambda row: row.unit.type_name),
            Column("code", N_("Mã"), lambda row: row.unit.code),
            Column("above", N_("Thuộc"), lambda row: " / ".join(unit.name for unit in row.above)),
            Column("below", N_("Số đơn vị trực thuộc"), lambda row: row.below or None, numeric=True),
            Column("from", N_("Có hiệu lực từ ngày"), lambda row: row.unit.valid_from, numeric=True),
            *([later] if present else []),
        ),
        filters=(
            Filter(
                "kind",
                N_("Cấp"),
                tuple((kind.value, name) for kind, name in KIND_NAMES.items()),
                lambda row, kind: row.unit.kind == kind,
            ),
        ),
        search_label=N_("Tìm theo tên, mã hoặc đơn vị cấp trên"),
        search=lambda row: " ".join([row.unit.name, row.unit.code, *(unit.name for unit in row.above)]),
    )


def _now(row: Placed, present: dict[int, str]) -> str:
    """Return what stands for a unit today: nothing to say of one that is still there."""
    if row.unit.id not in present:
        return ""
    return present[row.unit.id] or say("nay không còn")
