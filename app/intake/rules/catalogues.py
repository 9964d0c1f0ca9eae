"""Catalogues matched by name: the peoples of Vietnam, kinds of disability, the ministry's twelve statuses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from app.i18n import say
from app.intake.rules.rows import Ethnicity
from app.intake.rules.values import LONGEST_ECHO, BadValueError, echo, text_of
from app.school.rules import DISABILITIES, ETHNICITY_CODES, PEOPLES, EnrolmentStatus
from app.text import clean_name, fold

if TYPE_CHECKING:
    from app.intake.rules.rows import Cell

_OTHER_SPELLINGS: Final = {
    "viet": "Kinh", "kinhviet": "Kinh", "khome": "Khơ-me", "khmer": "Khơ-me", "khomer": "Khơ-me", "mong": "H'Mông",
    "meo": "H'Mông", "jarai": "Gia-rai", "jrai": "Gia-rai", "ede": "Ê-đê", "rhade": "Ê-đê", "bahnar": "Ba Na",
    "sedang": "Xơ-đăng", "xedang": "Xơ-đăng", "kho": "Cơ-ho", "koho": "Cơ-ho", "raglay": "Ra-glai", "raclay": "Ra-glai",
    "racglay": "Ra-glai", "roglai": "Ra-glai", "raglai": "Ra-glai", "stieng": "Xtiêng", "xtieng": "Xtiêng",
    "vankieu": "Bru-Vân Kiều", "bru": "Bru-Vân Kiều", "katu": "Cơ-tu", "gietrieng": "Giẻ-Triêng", "khmu": "Khơ-mú",
    "cor": "Co", "kor": "Co", "paco": "Tà-ôi", "chauro": "Chơ-ro", "churu": "Chu-ru", "caolan": "Sán Chay",
    "sanchi": "Sán Chay", "zao": "Dao", "man": "Dao", "champa": "Chăm", "hre": "Hrê", "ma": "Mạ", "chauma": "Mạ",
    "nuocngoai": "Người nước ngoài", "khac": "Không rõ", "mnong": "Mnông", "pnong": "Mnông",
}  # fmt: skip


_BEFORE_A_PEOPLE: Final = re.compile(
    r"^(dân tộc\b|dt\b|người (?!nước)|\d{1,2}\s*[-.:])[\s.:]*", re.IGNORECASE
)


def _people_key(name: str) -> str:
    return re.sub(r"[^a-z]", "", fold(name))


_BY_KEY: Final = {_people_key(name): (name, f"{code:02d}") for code, name in enumerate(PEOPLES, 1)}


def ethnicity(cell: Cell) -> Ethnicity | None:
    """Return the people with its code, the plain name for one that is not in the list, None for an empty cell."""
    text = re.sub(
        r"^(dân tộc\b|dt\b|người (?!nước)|\d{1,2}\s*[-.:])[\s.:]*",
        "",
        clean_name(text_of(cell)),
        flags=re.IGNORECASE,
    )
    if not text:
        return None
    inside = re.findall(r"\(([^)]*)\)", text)
    for spelling in (text, re.sub(r"\([^)]*\)", "", text), text.partition("-")[0], *inside):
        key = _people_key(spelling)
        name = _OTHER_SPELLINGS.get(key, key)
        found = _BY_KEY.get(key) or _BY_KEY.get(_people_key(name))
        if found:
            return Ethnicity(found[0], found[1], ETHNICITY_CODES)
    return Ethnicity(text[:LONGEST_ECHO])


def is_known_people(found: Ethnicity) -> bool:
    """Say whether the people is in the catalogue."""
    return found.code is not None


_DISABILITIES: Final = {
    "van dong": "Vận động", "nghe": "Nghe nói", "noi": "Nghe nói", "nhin": "Nhìn", "thi giac": "Nhìn",
    "than kinh": "Thần kinh, tâm thần", "tam than": "Thần kinh, tâm thần", "tri tue": "Trí tuệ",
}  # fmt: skip
_OTHER_DISABILITY: Final = DISABILITIES[-1]


def disability(cell: Cell) -> str | None:
    """Return one of the catalogue's six kinds, None for an empty cell or "không"; a cross or another word is "Khác"."""
    folded = fold(text_of(cell))
    if folded in {"", "khong", "0", "-", "khong khuyet tat", "binh thuong", "khong co", "k"}:
        return None
    return next((name for word, name in _DISABILITIES.items() if word in folded), _OTHER_DISABILITY)


_EMPTY_WORDS: Final = frozenset({"ky", "ki", "hk", "hoc", "trong", "da"})


def _status_key(text: str) -> str:
    """Fold a status to the words that tell it apart: "05. Thôi học học kì I" -> "thoi 1"."""
    folded = re.sub(r"^\d{1,2}\s*[-.:)]\s*", "", fold(text))
    terms = {"i": "1", "ii": "2"}
    words = re.findall(r"[a-z]+|[0-9]+", folded)
    return " ".join(terms.get(word, word) for word in words if word not in _EMPTY_WORDS)


_STATUSES: Final = {_status_key(status): status for status in EnrolmentStatus} | {
    "": EnrolmentStatus.STUDYING,
    "dang theo": EnrolmentStatus.STUDYING,
    "chuyen den": EnrolmentStatus.ARRIVED_TERM_1,
    "nghi xin lai": EnrolmentStatus.RETURNED_TERM_1,
    "lai": EnrolmentStatus.RETURNED_TERM_1,
    "chuyen di": EnrolmentStatus.TRANSFERRED_TERM_1,
    "chuyen truong": EnrolmentStatus.TRANSFERRED_TERM_1,
    "thoi": EnrolmentStatus.LEFT_TERM_1,
    "bo": EnrolmentStatus.LEFT_TERM_1,
    "nghi": EnrolmentStatus.LEFT_TERM_1,
}


def status(cell: Cell) -> EnrolmentStatus | None:
    """Return the ministry's status by its name, never by its number (they differ between products); None for empty."""
    if text_of(cell) == "":
        return None
    found = _STATUSES.get(_status_key(text_of(cell)))
    if found is None:
        raise BadValueError(
            say("Trạng thái “%(value)s” không có trong danh mục. Hãy ghi Đang học, Chuyển đi kỳ 1, Thôi học kỳ 1, …",
                value=echo(cell))
        )  # fmt: skip
    return found
