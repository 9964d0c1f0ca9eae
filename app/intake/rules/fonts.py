"""From the old one-byte encodings VNI and TCVN3 (ABC) to Unicode, never unasked: a person sees the result first.

VNI writes a vowel and then a mark ("Nguyeãn"), TCVN3 one sign for each letter ("NguyÔn"). TCVN3 has no capitals with
tones: fonts that end in H show small letters as capitals, so case is restored only where the rest of the word tells.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from app.intake.rules.rows import Sheet, SheetRow
from app.text import LegacyEncoding, clean_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from app.intake.rules.rows import Cell

_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"
_BREVE, _CIRCUMFLEX, _HORN = "\u0306", "\u0302", "\u031b"
_VNI_MARKS: Final = {
    "ù": _ACUTE, "ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ï": _DOT,
    "â": _CIRCUMFLEX, "á": _CIRCUMFLEX + _ACUTE, "à": _CIRCUMFLEX + _GRAVE, "å": _CIRCUMFLEX + _HOOK,
    "ã": _CIRCUMFLEX + _TILDE, "ä": _CIRCUMFLEX + _DOT,
    "ê": _BREVE, "é": _BREVE + _ACUTE, "è": _BREVE + _GRAVE, "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE,
    "ë": _BREVE + _DOT,
}  # fmt: skip
_VNI_LETTERS: Final = {"ñ": "đ", "ô": "ơ", "ö": "ư", "î": "ỵ", "æ": "ỉ", "ó": "ĩ", "ò": "ị"}
_VNI_PAIR: Final = re.compile(r"([aAeEoOuUyYôÔöÖ])([ùøûõïâáàåãäêéèúüëÙØÛÕÏÂÁÀÅÃÄÊÉÈÚÜË])")
_TCVN3: Final = dict(
    zip(
        "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ¡¢£¤¥¦§",  # noqa: RUF001
        "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂÊÔƠƯĐ",
        strict=True,
    )
)
LAST_OF_ONE_BYTE: Final = "\u00ff"
MOST_SAMPLES: Final = 8


def from_legacy(text: str, encoding: LegacyEncoding) -> str:
    """Return a text of an old encoding in Unicode; one that holds letters beyond one byte is Unicode already."""
    if not text or max(text) > LAST_OF_ONE_BYTE:
        return text
    if encoding is LegacyEncoding.VNI:
        return _from_vni(text)
    if encoding is LegacyEncoding.TCVN3:
        return _from_tcvn3(text)
    return text


def _from_vni(text: str) -> str:
    paired = _VNI_PAIR.sub(lambda pair: _vni_letter(pair[1]) + _VNI_MARKS[pair[2].lower()], text)
    spelled = re.sub(r"[ñôöîæóòÑÔÖÎÆÓÒ]", lambda letter: _vni_letter(letter[0]), paired)
    return unicodedata.normalize("NFC", spelled)


def _vni_letter(letter: str) -> str:
    small = _VNI_LETTERS.get(letter.lower(), letter.lower())
    return small.upper() if letter.isupper() else small


def _from_tcvn3(text: str) -> str:
    spelled = "".join(_TCVN3.get(sign, sign) for sign in text)
    plain = [sign for sign in text if sign.isascii() and sign.isalpha()]
    if len(plain) > 1 and all(sign.isupper() for sign in plain):
        return (
            spelled.upper()
        )  # typed in capitals: the small letters among them are only what the encoding has
    if any(
        word[0].isupper() for word in spelled.split()
    ):  # a name: its first letter has no capital in the encoding
        return re.sub(r"(?<!\S)[^\W\d_]", lambda first: _raised(first, text), spelled)
    return spelled


def _raised(first: re.Match[str], text: str) -> str:
    return first[0].upper() if text[first.start()] in _TCVN3 else first[0]


def converted(sheet: Sheet, encoding: LegacyEncoding, keep_rows: Collection[int]) -> Sheet:
    """Return a sheet with its texts in Unicode, but for the rows (headings) that are read as they are."""
    rows = tuple(
        row
        if row.number in keep_rows
        else SheetRow(row.number, tuple(_cell(cell, encoding) for cell in row.cells))
        for row in sheet.rows
    )
    return Sheet(
        name=from_legacy(sheet.name, encoding),
        rows=rows,
        hidden=sheet.hidden,
        epoch_1904=sheet.epoch_1904,
        untyped=sheet.untyped,
        merged=sheet.merged,
    )


def _cell(cell: Cell, encoding: LegacyEncoding) -> Cell:
    return from_legacy(cell, encoding) if isinstance(cell, str) else cell


def samples_of(texts: Collection[str], encoding: LegacyEncoding) -> tuple[tuple[str, str], ...]:
    """Return some texts beside what they would become, for a person to judge; those that do not change are left out."""
    pairs = ((clean_text(text), clean_text(from_legacy(text, encoding))) for text in texts)
    changed = dict.fromkeys(pair for pair in pairs if pair[0] != pair[1])
    return tuple(changed)[:MOST_SAMPLES]
