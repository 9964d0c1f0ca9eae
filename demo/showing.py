"""What a visitor reads in the terminal: addresses, accounts, how to join a lesson. Plain text, aligned, no colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from demo.accounts import PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.accounts import JoinHint, ShownAccount

HEADINGS: Final = ("Vai trò", "Tên đăng nhập", "Họ và tên", "Nơi làm việc", "Thử trước")


def table_of_accounts(accounts: Sequence[ShownAccount], hints: Sequence[JoinHint]) -> str:
    """Return the accounts as a table, with the password that all of them share, and codes to join a lesson with."""
    rows = [(one.role, one.username, one.full_name, one.place, one.first_steps) for one in accounts]
    lines = [f"Mật khẩu của mọi tài khoản mẫu: {PASSPHRASE}", "", *aligned([HEADINGS, *rows])]
    if hints:
        cards = ", ".join(f"{hint.full_name}: {hint.card}" for hint in hints)
        lines += ["", f"Vào tiết học lớp {hints[0].class_name} bằng mã thẻ: {cards}"]
    return "\n".join(lines)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with columns as wide as their widest cell; a rule stands below the first row."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def welcome(school_url: str, hub_url: str, school_accounts: str, hub_accounts: str, logs: str) -> str:
    """Return what is printed when everything answers."""
    return "\n".join(
        [
            "",
            f"Bảng Xanh đang chạy: {school_url}",
            "",
            school_accounts,
            "",
            f"Kho dữ liệu dùng chung của tỉnh: {hub_url}",
            "",
            hub_accounts,
            "",
            f"Nhật ký của các tiến trình: {logs}",
            "Nhấn Ctrl-C để dừng.",
        ]
    )
