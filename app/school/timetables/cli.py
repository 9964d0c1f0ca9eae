"""Timetables on the command line: `timetable import FILE --school CODE --year 2026-2027 --from DATE [--publish]`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from app import clock, db
from app.access import SYSTEM
from app.errors import BangXanhError, InvalidError
from app.i18n import say
from app.intake.rules.reading import refuse_size
from app.school.models import Timetable
from app.school.queries import unit_by_code, year_by_code
from app.school.timetables.commands.files import TimetableFile, apply_file, explain_new_subject, stage_file
from app.school.timetables.commands.versions import publish
from app.school.timetables.models import TimetableImport
from app.school.timetables.queries.files import preview_of
from app.school.timetables.rules.known import WordKind
from app.school.timetables.rules.versions import TimetableState

if TYPE_CHECKING:
    from datetime import date, datetime

    from app.school.timetables.queries.files import FilePreview


@click.group("timetable")
def timetable_cli() -> None:
    """Thời khóa biểu."""


@timetable_cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--school", "school_code", required=True, help="Mã trường.")
@click.option("--year", "year_code", required=True, help="Năm học, ví dụ 2026-2027.")
@click.option(
    "--from", "starts_on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Ngày bắt đầu áp dụng."
)
@click.option("--apply", "apply", is_flag=True, help="Tạo bản nháp. Không có cờ này thì chỉ xem trước.")
@click.option("--publish", "publishes", is_flag=True, help="Công bố luôn bản nháp từ ngày --from.")
@click.option("--reason", default="", help="Lý do công bố dù còn chỗ trùng giáo viên hoặc phòng.")
@click.option("--add-subjects", is_flag=True, help="Thêm vào danh mục những môn mà tệp ghi và chưa có.")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON ở dòng cuối.")
@with_appcontext
def import_timetable(  # noqa: PLR0913 - one argument for each option
    *,
    file: Path,
    school_code: str,
    year_code: str,
    starts_on: datetime,
    apply: bool,
    publishes: bool,
    reason: str,
    add_subjects: bool,
    as_json: bool,
) -> None:
    """Preview a timetable file, make it a draft with --apply, and let it hold with --publish as well."""
    try:
        refuse_size(file.stat().st_size)
        sent = TimetableFile(file.name, file.read_bytes())
        import_id = _stage(sent, school_code, year_code, starts_on.date())
        preview = _preview(import_id)
        if add_subjects and apply:
            preview = _with_new_subjects(import_id, preview)
        if apply:
            _apply(import_id, starts_on.date() if publishes else None, reason)
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    outcome = _as_plain(preview, db.session().get_one(TimetableImport, import_id))
    click.echo(json.dumps(outcome, ensure_ascii=False) if as_json else _in_words(preview, outcome))


def _stage(sent: TimetableFile, school_code: str, year_code: str, starts_on: date) -> int:
    """Read the file; the same file for the same day is the same import: a repeated run makes no second draft."""
    session = db.session()
    unit, year = unit_by_code(session, school_code, clock.today()), year_by_code(session, year_code)
    if unit is None or unit.kind != "school":
        raise InvalidError(say("Không có trường mang mã %(code)s.", code=school_code))
    if year is None:
        raise InvalidError(say("Không có năm học %(year)s.", year=year_code))
    digest = hashlib.sha256(sent.content + f"{year_code} {starts_on}".encode()).hexdigest()
    return stage_file(SYSTEM, unit.id, year.id, sent, f"cli-{digest[:48]}")


def _preview(import_id: int) -> FilePreview:
    return preview_of(db.session(), db.session().get_one(TimetableImport, import_id))


def _with_new_subjects(import_id: int, preview: FilePreview) -> FilePreview:
    """Add the subjects that the file names and nobody knows, and read it again."""
    school_id = db.session().get_one(TimetableImport, import_id).school_id
    words = {one.word: one.written for one in preview.matched.unmatched if one.kind is WordKind.SUBJECT}
    for word, name in words.items():
        if name:
            explain_new_subject(SYSTEM, school_id, word, name)
    return _preview(import_id)


def _apply(import_id: int, starts_on: date | None, reason: str) -> None:
    draft = db.session().get_one(Timetable, apply_file(SYSTEM, import_id))
    if starts_on is not None and draft.state == TimetableState.DRAFT:
        publish(SYSTEM, draft.id, starts_on, reason)


def _as_plain(preview: FilePreview, row: TimetableImport) -> dict[str, object]:
    draft = db.session().get(Timetable, row.timetable_id) if row.timetable_id else None
    found = preview.matched
    return {
        "classes": len(found.class_ids),
        "lessons": len(found.lessons),
        "changed": len(preview.differences),
        "kept_classes": list(preview.kept_classes),
        "conflicts": len(preview.conflicts),
        "guesses": len(found.guesses),
        "new_subjects": [name for _, name in found.new_subjects],
        "errors": [
            {"sheet": one.sheet, "cell": one.address, "class": one.class_name, "text": one.text,
             "message": str(one.reason)}
            for one in found.unmatched
        ],
        "timetable": row.timetable_id,
        "applied": draft is not None,
        "published": draft is not None and draft.state != TimetableState.DRAFT,
    }  # fmt: skip


def _in_words(preview: FilePreview, outcome: dict[str, object]) -> str:
    found = preview.matched
    counts = (
        f"Lớp {outcome['classes']} · tiết {outcome['lessons']} · ô thay đổi {outcome['changed']} · "
        f"chỗ trùng {outcome['conflicts']} · ô chưa hiểu {len(found.unmatched)}"
    )
    lines = [counts]
    lines += [f"{one.sheet}, ô {one.address}: {one.text}: {one.reason}" for one in found.unmatched]
    if found.new_subjects:
        lines.append(f"Môn được thêm: {', '.join(name for _, name in found.new_subjects)}")
    if preview.kept_classes:
        lines.append(f"Không có trong tệp, giữ như đã công bố: {', '.join(preview.kept_classes)}")
    if outcome["published"]:
        lines.append("Đã công bố.")
    elif outcome["applied"]:
        lines.append(f"Đã tạo bản nháp số {outcome['timetable']}. Thêm --publish để công bố.")
    else:
        lines.append("Chưa ghi gì. Thêm --apply để tạo bản nháp.")
    return "\n".join(lines)
