"""Kinds that are answered in words: short answers, numbers, word clouds, open text.

Two texts are the same answer when they differ only in case, spaces, a final full stop, the place of a tone mark
("hoà", "hòa"), the decimal sign, and the unit; accents count only where the question says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from app.errors import InvalidError
from app.i18n import N_, say
from app.text import clean_text, fold
from classroom.activities.rules.content import LONGEST_TEXT, Answer, Content, refuse_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONGEST_SHORT, LONGEST_PHRASE, MOST_PHRASES, LONGEST_NUMBER = 120, 40, 5, 40
SHOWN_TEXTS: Final = 12
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_DECIMAL_POINT: Final = re.compile(r"(?<=\d)\.(?=\d)")
_GROUPS: Final = re.compile(r"\d{1,3}(?:([ .,])\d{3})(?:\1\d{3})*")
_DIGITS: Final = re.compile(r"\d+")
_SIGNED: Final = re.compile(r"([+-]?) ?(.+)")
_MINUS: Final = str.maketrans("−–", "--")  # noqa: RUF001 - the look-alikes are the point


# --- short answers ------------------------------------------------------------------------------------------------


def comparable(text: str, *, with_accents: bool = False, units: Sequence[str] = ()) -> str:
    """Return the form in which two spellings of one short answer are equal."""
    plain = without_unit(clean_text(text).casefold().strip(" .;!?"), units)
    plain = _DECIMAL_POINT.sub(",", plain)
    if not with_accents:
        return fold(plain)
    return " ".join(_tone_at_the_end(word) for word in plain.split())


def without_unit(text: str, units: Sequence[str]) -> str:
    """Return the text without one of the units behind it ("5 cm", "5cm" -> "5"); "cm2" is a "cm²" that is typed."""
    written = {clean_text(unit).casefold() for unit in units}
    typed = {unicodedata.normalize("NFKC", unit) for unit in written}
    for unit in sorted(written | typed, key=len, reverse=True):
        rest = text[: -len(unit)] if unit and text.endswith(unit) else ""
        if rest and (rest[-1].isspace() or rest[-1].isdigit()):
            return rest.rstrip()
    return text


def _tone_at_the_end(word: str) -> str:
    """Return the word with its tone marks behind it, so that "hoà" and "hòa" are one, and "CO₂" is "CO2"."""
    signs = unicodedata.normalize("NFKD", word)
    return "".join(sign for sign in signs if sign not in _TONES) + "".join(
        sorted(sign for sign in signs if sign in _TONES)
    )


def check_short(content: Content) -> None:
    """Refuse a short answer without a solution that can be typed."""
    if not content.solution or not all(_compared(content, text) for text in content.solution):
        refuse_content("solution", N_("Hãy ghi ít nhất một đáp án được chấp nhận."))
    if any(len(text) > LONGEST_SHORT for text in content.solution):
        refuse_content("solution", N_("Đáp án quá dài."))


def read_short(content: Content, answer: Answer) -> Answer:
    """Return the text as it was typed, cleaned."""
    return (_one_text(content, answer, LONGEST_SHORT),)


def share_of_short(content: Content, answer: Answer) -> Fraction | None:
    """Right when it is one of the accepted answers in another spelling."""
    typed = _compared(content, answer[0])
    return Fraction(any(typed == _compared(content, text) for text in content.solution))


def _compared(content: Content, text: str) -> str:
    return comparable(text, with_accents=content.with_accents, units=content.units)


def tally_texts(content: Content, answers: Iterable[Answer]) -> dict[str, int]:
    """Return {spelling: how many} with the spellings of one answer together, the most frequent first."""
    return grouped((answer[0], _compared(content, answer[0])) for answer in answers)


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return {most frequent spelling: how many} for (spelling, what makes it the same), most frequent first."""
    spellings: dict[str, Counter[str]] = {}
    for spelling, same in pairs:
        spellings.setdefault(same, Counter())[spelling] += 1
    counts = [(min(found, key=lambda one: (-found[one], one)), found.total()) for found in spellings.values()]
    return dict(sorted(counts, key=lambda one: (-one[1], one[0])))


# --- numbers ------------------------------------------------------------------------------------------------------


def readings(text: str, units: Sequence[str] = ()) -> tuple[Fraction, ...]:
    """Return the numbers that a text can mean, the Vietnamese reading first; empty when it is none.

    "1.000" is a thousand and, failing that, one; "1,5" and "1.5" are one and a half; "45 209" and "3/4" are read too.
    """
    plain = without_unit(clean_text(text).translate(_MINUS).casefold(), units)
    signed = _SIGNED.fullmatch(plain)
    if signed is None or len(plain) > LONGEST_NUMBER:
        return ()
    above, slash, below = signed[2].partition("/")
    tops = _unsigned(above.strip())
    if slash:
        bottoms = _unsigned(below.strip())
        tops = (tops[0] / bottoms[0],) if tops and bottoms and bottoms[0] else ()
    return tuple(-number if signed[1] == "-" else number for number in tops)


def _unsigned(text: str) -> tuple[Fraction, ...]:
    if _DIGITS.fullmatch(text):
        return (Fraction(text),)
    whole, sign, part = _at_decimal_sign(text)
    decimal = _decimal(whole, sign, part) if sign else None
    grouping = _GROUPS.fullmatch(text)
    thousands = Fraction(re.sub(r"\D", "", text)) if grouping and not text.startswith("0") else None
    if grouping and grouping[1] == "," and text.count(",") == 1:
        thousands = None  # a single comma is the decimal sign
    return tuple(number for number in (thousands, decimal) if number is not None)


def _at_decimal_sign(text: str) -> tuple[str, str, str]:
    place = max(text.rfind(","), text.rfind("."))
    return (text[:place], text[place], text[place + 1 :]) if place >= 0 else (text, "", "")


def _decimal(whole: str, sign: str, part: str) -> Fraction | None:
    grouping = _GROUPS.fullmatch(whole)
    digits = re.sub(r"\D", "", whole) if grouping and grouping[1] != sign else whole
    if not _DIGITS.fullmatch(digits or "0") or not _DIGITS.fullmatch(part):
        return None
    return Fraction(f"{digits or '0'}.{part}")


def allowed_distance(tolerance: str, right: Fraction) -> Fraction | None:
    """Return how far an answer may be from `right`: "0,1" is absolute, "5%" relative; None when it is neither."""
    if not tolerance:
        return Fraction(0)
    read = readings(tolerance.removesuffix("%"))
    if not read or read[-1] < 0:
        return None
    return abs(right) * read[-1] / 100 if tolerance.endswith("%") else read[-1]


def check_number(content: Content) -> None:
    """Refuse a solution that is no number, or a tolerance that says nothing."""
    if len(content.solution) != 1 or not readings(content.solution[0], content.units):
        refuse_content("solution", N_("Đáp án phải là một số, ví dụ 3,14."))
    if allowed_distance(content.tolerance, Fraction(1)) is None:
        refuse_content("tolerance", N_("Sai số phải là một số hoặc phần trăm, ví dụ 0,1 hoặc 5%."))


def read_number(content: Content, answer: Answer) -> Answer:
    """Return the number as it was typed; it must be one."""
    text = _one_text(content, answer, LONGEST_NUMBER)
    if not readings(text, content.units):
        raise InvalidError(say("Em hãy nhập một số, ví dụ 3,5 hoặc 3/4."))
    return (text,)


def share_of_number(content: Content, answer: Answer) -> Fraction | None:
    """Right when a reading of it is within the tolerance of the solution, both ends included."""
    right = readings(content.solution[0], content.units)[0]
    distance = allowed_distance(content.tolerance, right) or Fraction(0)
    return Fraction(any(abs(number - right) <= distance for number in readings(answer[0], content.units)))


def tally_numbers(content: Content, answers: Iterable[Answer]) -> dict[str, int]:
    """Return {spelling: how many} with the spellings of one number together."""
    return grouped((answer[0], str(readings(answer[0], content.units)[0])) for answer in answers)


# --- words and open text ------------------------------------------------------------------------------------------


def check_words(content: Content) -> None:
    """Refuse a number of phrases outside 1 to 5."""
    if not 1 <= content.most <= MOST_PHRASES:
        refuse_content("most", N_("Mỗi em gửi từ 1 đến 5 cụm từ."))


def read_words(content: Content, answer: Answer) -> Answer:
    """Return the different phrases as they were typed; a phrase keeps its spaces."""
    phrases = {phrase_key(text): clean_text(text) for text in reversed(answer) if clean_text(text)}
    kept = tuple(reversed(phrases.values()))
    if not 1 <= len(kept) <= content.most:
        raise InvalidError(say("Em hãy gửi từ 1 đến %(most)s cụm từ.", most=content.most))
    if any(len(phrase) > LONGEST_PHRASE for phrase in kept):
        raise InvalidError(say("Mỗi cụm từ dài nhất 40 ký tự."))
    return kept


def phrase_key(phrase: str) -> str:
    """Return what makes two spellings of a phrase one entry of the cloud; accents count ("má", "ma")."""
    return comparable(phrase, with_accents=True)


def tally_words(content: Content, answers: Iterable[Answer]) -> dict[str, int]:
    """Return {phrase: how many sent it}."""
    del content
    return grouped((phrase, phrase_key(phrase)) for answer in answers for phrase in answer)


def check_text(content: Content) -> None:
    """Open text has nothing to refuse beyond the frame."""
    del content


def read_text(content: Content, answer: Answer) -> Answer:
    """Return the text, cleaned; 500 characters at most."""
    return (_one_text(content, answer, LONGEST_TEXT),)


def tally_open(content: Content, answers: Iterable[Answer]) -> dict[str, int]:
    """Return {text: how many wrote just this}."""
    del content
    return grouped((answer[0], answer[0]) for answer in answers)


def share_of_nothing(content: Content, answer: Answer) -> Fraction | None:
    """Nothing is right or wrong here."""
    del content, answer
    return None


def _one_text(content: Content, answer: Answer, longest: int) -> str:
    del content
    text = clean_text(answer[0]) if len(answer) == 1 else ""
    if not text or len(text) > longest:
        raise InvalidError(say("Em hãy viết câu trả lời, dài nhất %(longest)s ký tự.", longest=longest))
    return text
