"""Who may have a pupil forgotten, and whether what was typed names that pupil."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere
from app.forgetting import Fate
from app.i18n import N_
from app.text import clean_text, fold

if TYPE_CHECKING:
    from datetime import datetime

FORGET_PUPIL: Final = Permission("pupil.forget", everywhere(Role.PRINCIPAL))
"""The principal decides on the request of the legal representative (law 91/2025, art. 24; vietnam.md 6)."""
LONGEST_REASON: Final = 300
FATE_NAMES: Final = {
    Fate.GONE: N_("Xóa hẳn"),
    Fate.EMPTIED: N_("Xóa phần nhận ra em"),
    Fate.STAYS: N_("Giữ nguyên"),
}
WHY: Final = {
    Fate.GONE: N_("Chỉ nói về em; không số liệu nào cần đến."),
    Fate.EMPTIED: N_("Lời ghi, giấy tờ và tên bị bỏ; dòng ở lại để số đếm và nhật ký không đổi."),
    Fate.STAYS: N_("Chỉ có con số và ngày, mang một số thay cho tên; số liệu đã báo cáo được tính từ đây."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of thing that is kept of a pupil, and how many there are."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of everything about a pupil; `schools` are those whose kept import files go as a whole."""

    lines: dict[Fate, tuple[Line, ...]]
    schools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """That a pupil was forgotten: when, by whom, on which request."""

    at: datetime
    by: str
    reason: str


def is_named(typed: str, full_name: str, *codes: str | None) -> bool:
    """Say whether somebody typed the pupil's name, accents or none, or one of the codes."""
    given = fold(clean_text(typed))
    return bool(given) and given in {fold(one) for one in (full_name, *codes) if one}
