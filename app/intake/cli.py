"""Rosters on the command line: `roster import FILE --school CODE --year 2026-2027 [--apply] --json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from app import db
from app.access import SYSTEM
from app.errors import BangXanhError
from app.intake.commands.imports import Upload, import_at_once
from app.intake.commands.undoing import undo_import
from app.intake.models import RosterImport
from app.intake.rules.dating import Choice, Leaving
from app.intake.rules.reading import refuse_size

if TYPE_CHECKING:
    from app.intake.commands.imports import Outcome


@click.group("roster")
def roster_cli() -> None:
    """Danh sách học sinh."""


@roster_cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--school", "school_code", required=True, help="Mã trường.")
@click.option("--year", "year_code", required=True, help="Năm học, ví dụ 2026-2027.")
@click.option("--apply", "apply", is_flag=True, help="Ghi vào hệ thống. Không có cờ này thì chỉ xem trước.")
@click.option("--end-missing", is_flag=True, help="Cho nghỉ cả học sinh đang học mà không có trong tệp.")
@click.option("--confirm-left", is_flag=True, help="Như --end-missing, kể cả khi đó là hơn 10 % học sinh.")
@click.option("--left-as", type=click.Choice(list(Leaving)), default=Leaving.TRANSFERRED, show_default=True,
              help="Trạng thái của học sinh không có trong tệp: chuyển đi hoặc thôi học.")  # fmt: skip
@click.option("--convert-font", is_flag=True, help="Chuyển tệp dùng phông cũ (VNI, TCVN3) sang Unicode.")
@click.option("--json", "as_json", is_flag=True, help="In kết quả dạng JSON ở dòng cuối.")
@with_appcontext
def import_roster(  # noqa: PLR0913 - one argument for each option
    *,
    file: Path,
    school_code: str,
    year_code: str,
    apply: bool,
    end_missing: bool,
    confirm_left: bool,
    left_as: str,
    convert_font: bool,
    as_json: bool,
) -> None:
    """Preview a roster file, or write it with --apply."""
    choice = Choice(ends_missing=end_missing or confirm_left, leaving=Leaving(left_as))
    try:
        refuse_size(file.stat().st_size)
        outcome = import_at_once(
            SYSTEM,
            school_code,
            year_code,
            Upload(file.name, file.read_bytes(), converts_font=convert_font),
            choice,
            apply=apply,
            many_confirmed=confirm_left,
        )
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    _warn(outcome, year_code)
    click.echo(json.dumps(as_plain(outcome), ensure_ascii=False) if as_json else in_words(outcome))


@roster_cli.command("import-folder")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--year", "year_code", required=True, help="Năm học, ví dụ 2026-2027.")
@click.option("--apply", "apply", is_flag=True, help="Ghi vào hệ thống. Không có cờ này thì chỉ xem trước.")
@click.option("--convert-font", is_flag=True, help="Chuyển tệp dùng phông cũ (VNI, TCVN3) sang Unicode.")
@with_appcontext
def import_folder(*, folder: Path, year_code: str, apply: bool, convert_font: bool) -> None:
    """Import one file after the other, each into the school whose code is the file's name; a bad one stops no other."""
    failed = 0
    for file in sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")):
        try:
            refuse_size(file.stat().st_size)
            upload = Upload(file.name, file.read_bytes(), converts_font=convert_font)
            outcome = import_at_once(
                SYSTEM, file.stem, year_code, upload, Choice(), apply=apply, many_confirmed=False
            )
            click.echo(f"{file.name}: {in_words(outcome).splitlines()[0]}")
        except BangXanhError as error:
            failed += 1
            click.echo(f"{file.name}: {error}", err=True)
        finally:
            db.session().rollback()
            db.session().expunge_all()  # or every school's pupils would stay in memory until the last
    if failed:
        message = f"{failed} tệp chưa nhập được."
        raise click.ClickException(message)


@roster_cli.command("undo")
@click.argument("import_id", type=int)
@with_appcontext
def undo_roster(import_id: int) -> None:
    """Take an import back, while nothing else has built on it."""
    if db.session().get(RosterImport, import_id) is None:
        message = f"Không có lần nhập số {import_id}."
        raise click.ClickException(message)
    try:
        undo_import(SYSTEM, import_id)
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    click.echo("Đã hoàn tác. Danh sách trở lại như trước lần nhập.")


def as_plain(outcome: Outcome) -> dict[str, object]:
    """Return the outcome as the JSON that the command prints: these keys and no others.

    Where rows of several sheets or files are bad, the message says of which.
    """
    numbers, bad_rows = outcome.preview.numbers, outcome.preview.bad
    names_sheet = len({bad.sheet for bad in bad_rows}) > 1 or any(
        bad.sheet.endswith(".csv") for bad in bad_rows
    )
    return {
        **{name: numbers[name] for name in ("new", "updated", "unchanged", "moved", "left")},
        "errors": [
            {
                "row": bad.row,
                "column": remark.column,
                "message": f"{bad.sheet}: {remark.message}" if names_sheet else str(remark.message),
            }
            for bad in outcome.preview.bad
            for remark in bad.remarks
        ],
        "applied": outcome.applied,
    }


def in_words(outcome: Outcome) -> str:
    """Return the outcome as lines for a person."""
    numbers = outcome.preview.numbers
    counts = (
        f"Mới {numbers['new']} · cập nhật {numbers['updated']} · không đổi {numbers['unchanged']} · "
        f"chuyển lớp {numbers['moved']} · đã nghỉ {numbers['left']} · "
        f"không có trong tệp {numbers['missing']} · dòng lỗi {numbers['bad']}"
    )
    lines = [counts]
    lines += [
        f"{bad.sheet + ', dòng' if bad.sheet.endswith('.csv') else 'Dòng'} {bad.row}, "
        f"cột {remark.column}: {remark.message}"
        for bad in outcome.preview.bad
        for remark in bad.remarks
    ]
    lines.append("Đã ghi vào hệ thống." if outcome.applied else "Chưa ghi gì. Thêm --apply để ghi.")
    if outcome.import_id is not None:
        lines.append(f"Muốn trả lại như cũ: roster undo {outcome.import_id}")
    return "\n".join(lines)


def _warn(outcome: Outcome, year_code: str) -> None:
    said = outcome.preview.year
    if said and said != year_code:
        click.echo(f"Cảnh báo: tệp ghi năm học {said}, đang nhập vào năm học {year_code}.", err=True)
    if outcome.left_kept:
        flag = "--confirm-left" if outcome.preview.many_are_missing else "--end-missing"
        click.echo(
            f"{outcome.left_kept} học sinh đang học không có trong tệp được giữ nguyên. "
            f"Nếu các em đã nghỉ, chạy lại với {flag}.",
            err=True,
        )
