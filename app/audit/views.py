"""Pages of the audit log: search, one entry, whether the chain holds, the log as an Excel file."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.access import Role
from app.accounts.rules import ROLE_NAMES
from app.audit.commands import note_export, verify_whole
from app.audit.queries.log import Line, Wanted, entries_page, entries_to_export, entry_for, last_check
from app.audit.rules.sheets import MOST_ROWS, log_workbook
from app.audit.rules.words import ACTIONS, DETAILS, SUBJECTS, VIEW_AUDIT, action_words
from app.http import current_actor, translate
from app.jobs import JobContext, enqueue, offload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

bp = Blueprint("audit", __name__, template_folder="templates")
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
VERIFY: Final = "audit.verify"
NAMES_ITSELF: Final = {"school", "unit"}
"""Objects whose name says what they are: "Trường Tiểu học Hoa Mai"."""


@bp.get("/audit")
def entries() -> str:
    """Show the log within reach, narrowed by person, words, action, object and dates, newest or oldest first."""
    actor, wanted = current_actor(), _wanted()
    page = entries_page(actor, VIEW_AUDIT, wanted)
    return render_template(
        "audit/entries.html",
        page=page,
        wanted=wanted,
        filters=_filters(),
        check=last_check(db.session()),
        actions=sorted(((key, translate(words)) for key, words in ACTIONS.items()), key=lambda pair: pair[1]),
        kinds=sorted(((key, translate(words)) for key, words in SUBJECTS.items()), key=lambda pair: pair[1]),
        action_words=action_words,
        about=_about,
    )


@bp.get("/audit/<int:entry_number>")
def entry(entry_number: int) -> str:
    """Show one entry with everything that is stored of it."""
    line = entry_for(current_actor(), VIEW_AUDIT, entry_number)
    return render_template(
        "audit/entry.html",
        line=line,
        words=action_words(line.entry.action),
        about=_about(line),
        details=_details(line.entry.details),
    )


@bp.get("/audit/log.xlsx")
def export() -> Response:
    """Hand the entries that were asked for out as an Excel file; that somebody took it is in the log."""
    actor, wanted = current_actor(), _wanted()
    lines = entries_to_export(actor, VIEW_AUDIT, wanted, MOST_ROWS)
    rows = _rows(lines)
    titles = (_("Mục số"), _("Lúc"), _("Người thực hiện"), _("Việc"), _("Đối tượng"), _("Chi tiết"))
    name = _("Nhật ký thao tác")
    note_export(actor, len(rows), _filters())
    answer = make_response(offload(lambda: log_workbook(name, titles, rows)))
    answer.headers["Content-Type"] = XLSX
    answer.headers["Content-Disposition"] = f'attachment; filename="nhat-ky-{clock.today():%Y-%m-%d}.xlsx"'
    return answer


@bp.post("/audit/verify")
def verify() -> BaseResponse:
    """Have the worker walk the whole chain."""
    actor = current_actor()
    with db.transaction() as session:
        enqueue(session, VERIFY, actor.user_id, {})
    flash(_("Đang kiểm tra toàn bộ chuỗi. Hãy tải lại trang sau ít phút để xem kết quả."), "info")
    return redirect(url_for("audit.entries"))


def run_verify(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Walk the whole chain as a job."""
    del payload
    found = verify_whole(lambda done: context.report(done, 0, ""))
    return {"entries": found.entries, "broken_at": found.broken_at}


def _wanted() -> Wanted:
    args = request.args
    before = args.get("before", "")
    return Wanted(
        person=args.get("person", "")[:80],
        text=args.get("q", "")[:80],
        action=args.get("action", "") if args.get("action") in ACTIONS else "",
        kind=args.get("kind", "") if args.get("kind") in SUBJECTS else "",
        first=_day("from"),
        last=_day("to"),
        before=int(before) if before.isdecimal() and len(before) < 10 else None,  # noqa: PLR2004 - 32 bit
        oldest_first=args.get("order") == "oldest",
    )


def _day(name: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(request.args.get(name, ""))
    return None


def _filters() -> dict[str, str]:
    names = ("person", "q", "action", "kind", "from", "to", "order")
    return {name: request.args[name][:80] for name in names if request.args.get(name)}


def _about(line: Line, words_of: Callable[[str], str] | None = None) -> str:
    kind, subject = line.entry.subject_kind, line.entry.subject_id
    if kind in NAMES_ITSELF and line.about:
        return line.about
    return f"{(words_of or _kind_words)(kind)} {line.about or subject}"


def _kind_words(kind: str) -> str:
    return translate(SUBJECTS[kind]) if kind in SUBJECTS else kind


def _rows(lines: Iterable[Line]) -> list[tuple[str, ...]]:
    """Return the lines of the file. What the log says again and again is put into words once."""
    action, told, kind = cache(lambda key: translate(action_words(key))), cache(_told), cache(_kind_words)
    return [
        (
            str(line.entry.sequence),
            clock.local(line.entry.at).strftime("%d/%m/%Y %H:%M:%S"),
            line.entry.user_name,
            action(line.entry.action),
            _about(line, kind),
            told(line.entry.details),
        )
        for line in lines
    ]


def _told(stored: str) -> str:
    return "; ".join(f"{label}: {value}" for label, value in _details(stored))


def _details(stored: str) -> list[tuple[str, str]]:
    """Return what is stored with an entry as labels and values; an unknown name stands for itself."""
    found: dict[str, Any] = json.loads(stored)
    return [
        (_sentence_case(translate(DETAILS[name])) if name in DETAILS else name, _said(name, value))
        for name, value in found.items()
        if value not in (None, "")
    ]


def _sentence_case(label: str) -> str:
    return label[:1].upper() + label[1:]


def _said(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(_("có") if value else _("không"))
    if name == "role" and value in set(Role):
        return translate(ROLE_NAMES[Role(str(value))])
    if isinstance(value, str):
        return _date_or_text(value)
    return json.dumps(value, ensure_ascii=False)


def _date_or_text(value: str) -> str:
    with suppress(ValueError):
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    return value
