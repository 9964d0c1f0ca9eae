"""Pages of bulletins: what is filed, what is being made, having them made now or by themselves."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Final

from flask import Blueprint, flash, make_response, redirect, url_for
from flask import render_template as render
from flask_babel import gettext as _

from app import clock, db
from app.errors import InvalidError
from app.http import current_actor, translate
from app.i18n import N_, say
from app.jobs import Progress, current_jobs, offload
from app.lists.rules import Column, Filter, ListSpec, in_memory
from app.lists.views import XLSX, answer
from app.school.queries import unit_for
from app.text import file_name_safe
from reports.bulletins import queries
from reports.bulletins.commands import Wanted, note_download, order_bulletins, paper_of, set_schedule
from reports.bulletins.forms import OrderForm, ScheduleForm
from reports.bulletins.rules import FILE_REPORT, Schedule, bulletin_workbook, read_content, spec_file
from reports.tallies.queries import periods_until
from reports.tallies.rules import PeriodKind

if TYPE_CHECKING:
    from flask import Response
    from flask_wtf import FlaskForm
    from werkzeug.wrappers import Response as BaseResponse

    from reports.bulletins.queries import Filed, Ordered
    from reports.bulletins.rules import Content

bp = Blueprint("bulletins", __name__, template_folder="templates")
TYPES: Final = {"pdf": "application/pdf", "xlsx": XLSX, "vl.json": "application/vnd.vegalite.v5+json"}
KIND_NAMES = {"province": N_("Tỉnh, thành phố"), "ward": N_("Xã, phường"), "school": N_("Trường")}


@bp.get("/reports/bulletins")
def index() -> str | Response:
    """List what is filed within reach, with the forms that have more made."""
    actor = current_actor()
    units = queries.units_for(actor)
    order_form, schedule_form = OrderForm(formdata=None), ScheduleForm(formdata=None, hour=6)
    for form in (order_form, schedule_form):
        form.unit.choices = [(unit.id, unit.name) for unit in units]
    order_form.period.choices = _months()
    order_form.key.data = secrets.token_urlsafe(16)
    rows = queries.filed_for(actor)
    return answer(
        "bulletins/index.html",
        _spec(rows),
        in_memory(_spec(rows), rows),
        order_form=order_form,
        schedule_form=schedule_form,
        has_schools=any(unit.kind != "school" for unit in units),
        orders=queries.orders_for(actor),
        schedules=queries.schedules_for(actor),
        progress_of=progress_of,
        result_of=result_of,
        month_words=month_words,
    )


def _spec(rows: list[Filed]) -> ListSpec[Filed]:
    months = sorted({row.period for row in rows}, reverse=True)
    return ListSpec(
        name="bulletins",
        title=say("Báo cáo đã lưu"),
        columns=(
            Column("unit", N_("Đơn vị"), lambda row: row.unit_name, order=lambda row: row.unit_sort),
            Column("period", N_("Kỳ báo cáo"), lambda row: month_words(row.period), order=lambda row: row.period),
            Column("kind", N_("Loại"), lambda row: translate(KIND_NAMES.get(row.kind, ""))),
            Column("revision", N_("Bản"), lambda row: row.revision, numeric=True),
            Column("made", N_("Lập lúc"), lambda row: row.made_at),
        ),
        filters=(
            Filter("period", N_("Kỳ báo cáo"), tuple((one, month_words(one)) for one in months),
                   lambda row, period: row.period == period),
            Filter("kind", N_("Loại"), tuple(KIND_NAMES.items()), lambda row, kind: row.kind == kind),
        ),
        search_label=N_("Tìm đơn vị"),
        search=lambda row: row.unit_name,
    )  # fmt: skip


def month_words(period: str) -> str:
    """Return a month in the reader's language."""
    year, month = period.split("-")
    return str(_("Tháng %(month)s/%(year)s", month=int(month), year=year))


def _months() -> list[tuple[str, str]]:
    """Return the months that are over, the newest first, and then the running one."""
    today = clock.today()
    months = [one for one in periods_until(db.session(), today) if one.kind is PeriodKind.MONTH]
    ordered = sorted(months, key=lambda one: (one.after_last > today, -one.first.toordinal()))
    return [(one.name, month_words(one.name)) for one in ordered]


@bp.post("/reports/bulletins/order")
def order() -> BaseResponse:
    """Have a unit's month told, and perhaps that of each school below it."""
    actor, form = current_actor(), OrderForm()
    _require(form)
    unit = unit_for(actor, FILE_REPORT, form.unit.data or 0)
    wanted = Wanted(unit.id, form.period.data or "", bool(form.with_schools.data), form.key.data or "")
    order_bulletins(actor, wanted)
    flash(_("Đang lập báo cáo. Bạn có thể rời trang này; báo cáo sẽ nằm ở “Báo cáo đã lưu”."), "success")
    return redirect(url_for("bulletins.index"))


@bp.post("/reports/bulletins/schedule")
def schedule() -> BaseResponse:
    """Set or take away the day on which a unit's bulletins are made by themselves."""
    actor, form = current_actor(), ScheduleForm()
    _require(form)
    unit = unit_for(actor, FILE_REPORT, form.unit.data or 0)
    day, hour = form.day.data, form.hour.data or 0
    wanted = Schedule.monthly(day, hour) if day else None
    set_schedule(actor, unit.id, wanted, with_schools=bool(form.with_schools.data))
    flash(_("Đã lưu lịch tự lập báo cáo."), "success")
    return redirect(url_for("bulletins.index", _anchor="schedule"))


def _require(form: FlaskForm) -> None:
    if not form.validate():
        fields = {name: " ".join(map(translate, errors)) for name, errors in form.errors.items() if name}
        raise InvalidError(say("Yêu cầu không hợp lệ. Hãy tải lại trang rồi thử lại."), fields)


@bp.get("/reports/bulletins/orders/<int:order_id>/progress")
def progress(order_id: int) -> BaseResponse:
    """Answer the page's question how far an order is; have the page load itself anew when it is done."""
    found = queries.order_for(current_actor(), order_id)
    told = make_response(render("bulletins/progress.html", one=found, progress=progress_of(found)))
    if not found.is_waiting:
        told.headers["HX-Refresh"] = "true"
    return told


@bp.get("/reports/bulletins/<int:bulletin_id>/bulletin.pdf")
def paper(bulletin_id: int) -> BaseResponse:
    """Hand out a filed bulletin on paper, as it was told then."""
    return _file(bulletin_id, "pdf")


@bp.get("/reports/bulletins/<int:bulletin_id>/bulletin.xlsx")
def workbook(bulletin_id: int) -> BaseResponse:
    """Hand out a filed bulletin as a workbook."""
    return _file(bulletin_id, "xlsx")


@bp.get("/reports/bulletins/<int:bulletin_id>/bulletin.vl.json")
def chart(bulletin_id: int) -> BaseResponse:
    """Hand out the chart of a filed bulletin as a Vega-Lite specification."""
    return _file(bulletin_id, "vl.json")


def _file(bulletin_id: int, form: str) -> BaseResponse:
    actor = current_actor()
    row = queries.bulletin_for(actor, bulletin_id)
    content, name, digest = read_content(row.content), f"bao cao {row.period}", row.sha256
    note_download(actor, row, form)
    told = make_response(offload(lambda: _made(content, form)))
    told.headers["Content-Type"] = TYPES[form]
    place = file_name_safe(f"{name} {content.values['place_name']}")
    told.headers["Content-Disposition"] = f'attachment; filename="{place}.{form}"'
    told.headers["X-Content-SHA256"] = digest
    return told


def _made(content: Content, form: str) -> bytes:
    made = {"pdf": paper_of, "xlsx": bulletin_workbook, "vl.json": spec_file}
    return made[form](content)


def progress_of(found: Ordered) -> Progress:
    """Return how far the job of an order is."""
    return current_jobs().progress(found.row.job_id) if found.row.job_id else Progress()


def result_of(found: Ordered) -> dict[str, object]:
    """Return what came of an order: filed, unchanged, failed, seconds."""
    result: dict[str, object] = json.loads(found.result) if found.result else {}
    return result
