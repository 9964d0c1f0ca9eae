"""Vietnamese text: one form on every way in, folding for search, keys for sorting, names for files.

SQLite's LOWER, LIKE and NOCASE are wrong for Vietnamese, so folded text and sort keys are stored in columns. Every key
made here is plain ASCII and is compared byte by byte: BINARY in SQLite, COLLATE "C" in PostgreSQL.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_APOSTROPHES: Final = dict.fromkeys(map(ord, "’‘ʼʹ′`´ʻ＇"), "'")  # noqa: RUF001 - the look-alikes are the point
_HYPHENS: Final = dict.fromkeys(map(ord, "‐‑‒–—−－"), "-")  # noqa: RUF001
_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_WORDS: Final = re.compile(r"[^\W\d_]+(?:[ '\-]+[^\W\d_]+)*")
_SPACES: Final = re.compile(r"\s+")

_GRAVE, _HOOK, _TILDE, _ACUTE, _DOT = "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"
_TONES: Final = {_GRAVE: "1", _HOOK: "2", _TILDE: "3", _ACUTE: "4", _DOT: "5"}
_BREVE, _CIRCUMFLEX, _HORN = "\u0306", "\u0302", "\u031b"
# "~" is the last printable character of ASCII, so "a~" stands behind every "a…" and before "b".
_LETTERS: Final = {
    "a" + _BREVE: "a~", "a" + _CIRCUMFLEX: "a~~", "e" + _CIRCUMFLEX: "e~", "o" + _CIRCUMFLEX: "o~",
    "o" + _HORN: "o~~", "u" + _HORN: "u~",
}  # fmt: skip


def nfc(text: str) -> str:
    """Return the composed form: "Hường" typed on a Mac and on Windows become the same string."""
    return unicodedata.normalize("NFC", text)


def clean_text(text: str) -> str:
    """Return NFC text without unseen or control characters, with single plain spaces, stripped."""
    if (
        text.isprintable()
        and "  " not in text
        and (text.isascii() or (unicodedata.is_normalized("NFC", text) and not _UNSEEN.search(text)))
    ):
        return text.strip()  # nearly every cell of a roster; the long way costs six times as much
    visible = _CONTROLS.sub("", _UNSEEN.sub("", nfc(text)))
    return nfc(_SPACES.sub(" ", visible).strip())


def clean_name(text: str) -> str:
    """Return a person's or class's name as it is kept: `clean_text`, with one kind of apostrophe and hyphen."""
    return clean_text(text.translate(_APOSTROPHES).translate(_HYPHENS))


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return the text for search and matching: unaccented, lower case, đ as d, unified apostrophes and hyphens."""
    cleaned = clean_name(text)
    if cleaned.isascii():
        return cleaned.lower()
    cleaned = cleaned.replace("đ", "d").replace("Đ", "d")
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", cleaned) if not unicodedata.combining(sign))
    return _SPACES.sub(" ", bare.lower().replace("đ", "d")).strip()


def given_name(full_name: str) -> str:
    """Return the name by which a person is addressed: the last word ("Nguyễn Văn An" -> "An"), or ""."""
    return clean_name(full_name).rpartition(" ")[2]


def initials(full_name: str) -> str:
    """Return the first letter of each word, folded, for quick search ("Nguyễn Văn An" -> "nva")."""
    return "".join(word[0] for word in fold(full_name).split())


def sort_key(full_name: str) -> str:
    """Return a key that orders people as a Vietnamese class list does: given name, family name, middle names.

    Letters stand as in the Vietnamese alphabet (a ă â b c d đ e ê …) and tones break ties inside a word in the order
    ngang, huyền, hỏi, ngã, sắc, nặng (CLDR collation "vi"). "Hoà" and "Hòa" get the same key. Compare byte by byte.
    """
    words = clean_name(full_name).split(" ")
    ordered = [words[-1], words[0], *words[1:-1]] if len(words) > 1 else words
    return " ".join(_word_key(word) for word in ordered)


def natural_key(class_name: str) -> str:
    """Return a key that orders class names as people count: 6A2 before 6A10, 4/2 before 4/10, 9A before 10A.

    Separators count alike ("4/2", "4.2"). Compare byte by byte.
    """
    parts = re.findall(r"[0-9]+|[^\W\d_]+", clean_name(class_name))
    return " ".join(_number_key(part) if part[0] in "0123456789" else _word_key(part) for part in parts)


def title_case_name(full_name: str) -> str:
    """Return a name written in capitals as people write it; any other text is returned as it is.

    "NGUYỄN VĂN AN" -> "Nguyễn Văn An"; apostrophes and hyphens begin a new capital: K'Rân, H'Hoa, Y-Bloong.
    """
    name = clean_name(full_name)
    if len(name) < 2 or name != name.upper() or not _WORDS.fullmatch(name):  # noqa: PLR2004 - "Y" alone is a name
        return name
    return nfc(re.sub(r"[^\W\d_]+", lambda word: word[0][0] + word[0][1:].lower(), name))


def file_name_safe(text: str, longest: int = 80) -> str:
    """Return an ASCII file or sheet name part: "Danh sách lớp 4/7" -> "danh-sach-lop-4-7"; never empty."""
    plain = re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")
    return plain[:longest].rstrip("-") or "tep"


def _word_key(word: str) -> str:
    """Return letters in alphabet order, then a space (below every letter), then the tones; "0" for no tone."""
    letters: list[str] = []
    tones: list[str] = []
    for sign in nfc(word).lower():
        first, *marks = list(unicodedata.normalize("NFD", sign))
        tones += [_TONES[mark] for mark in marks if mark in _TONES]
        letters.append(_letter_key(first, marks))
    return f"{''.join(letters)} {''.join(tones) or '0'}"


def _letter_key(first: str, marks: list[str]) -> str:
    for mark in marks:
        if first + mark in _LETTERS:
            return _LETTERS[first + mark]
    if first == "đ":
        return "d~"
    if first.isascii():
        return first if first.isalnum() else ""
    return f"{{{ord(first):06x}" if first.isalnum() else ""  # other scripts stand behind z, in code order


def _number_key(digits: str) -> str:
    """Return the number with its own length in front, so that longer numbers stand behind shorter ones."""
    plain = digits.lstrip("0") or "0"
    return f"{len(plain):02d}{plain}"


class LegacyEncoding(StrEnum):
    """How text that only looks like Vietnamese in one special font, or was decoded wrongly, is encoded."""

    VNI = "VNI"
    TCVN3 = "TCVN3 (ABC)"
    MISREAD_UTF8 = "UTF-8"


# Each of these letter pairs occurs in the old encoding in every second name, and never in Unicode Vietnamese.
_LEGACY_SIGNS: Final = {
    LegacyEncoding.MISREAD_UTF8: re.compile("á[»º]|Ã[\x80-¿]|Ä[‘\x91\x90]|Æ[°¡\xa0]|Å©|Ä©|Äƒ"),
    LegacyEncoding.VNI: re.compile(
        "[aeAE][âêáàåãäéèúüëùøûõïÂÊÁÀÅÃÄÉÈÚÜËÙØÛÕÏ]|[oOuUyYôÔöÖ][øûïåäØÛÏÅÄùõÙÕ]|[oO]â|[ñÑ](?=[\\wöÖ])|[öÖ](?=[nôùcmi])"
    ),
    LegacyEncoding.TCVN3: re.compile("[µ¸¶·¹¨©ª«¬­®§¡¢£¤¥¦¾»¼½×ÞßØÜðñ÷þ]|[a-zđ][À-Þ]"),  # noqa: RUF001 - the signs are the point
}


def legacy_encoding(names: Iterable[str]) -> tuple[LegacyEncoding, str] | None:
    """Return the old encoding of a column of names and one name that shows it, or None for proper Unicode.

    A single foreign name ("Zoë Müller") among many does not condemn a file: a fifth of the names must show the signs.
    """
    seen = [nfc(name) for name in names if name]
    for encoding, signs in _LEGACY_SIGNS.items():
        suspects = [name for name in seen if signs.search(name)]
        if suspects and len(suspects) * 5 >= len(seen):
            return encoding, suspects[0]
    return None
