"""What a new password must be: long, and nothing that is tried first."""

from __future__ import annotations

import re
from typing import Final

from app.i18n import Phrase, say
from app.text import fold

MIN_PASSWORD_LENGTH: Final = 10
MAX_PASSWORD_LENGTH: Final = 128
FEWEST_DIFFERENT: Final = 4
MOST_BESIDE_A_WORD: Final = 7
"""So many characters beside words that everybody tries make no password: a year, a date, 123456, !!!"""
ROWS: Final = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
)
LONGEST_RUN: Final = 4
LONGEST_NUMBER: Final = 15
"""Dates of birth, telephone and identity numbers are numbers up to this length."""
LOOKS_LIKE: Final = str.maketrans("@431!0$57", "aaeiiosst")
_TRIED_FIRST: Final = """
    admin administrator android angel anhyeuem autumn baby bangxanh baseball batman binhphuoc bongda changeme
    cheese chocolate chuyenvien cogiao computer congchua cookie default demo diemdanh dongnai dongxoai dragon
    emyeuanh facebook flower football freedom giadinh giaoduc giaovien google guest hanoi hello hieutruong
    hoangtu hochiminh hocsinh hoctro iloveyou internet iphone khau khongbiet letmein login lophoc love master
    matkhau matma microsoft mkmoi monkey pass passw password passwort phuhuynh princess pupil quanly quantri
    root saigon samsung school secret shadow sieunhan soccer spring student summer sunshine superman teacher
    test thaygiao thcs thpt thuong tieuhoc truong truonghoc trustno user vanthu vietnam welcome whatever
    windows winter xinchao youtube zalo
"""
# Words that lists of stolen passwords begin with, and those of this product and its users (ASVS 5.0, 6.2.4, 6.2.11).


def password_fault(password: str, username: str) -> Phrase | None:
    """Return what is wrong with a new password, None if it will do (NIST SP 800-63B: length, not composition)."""
    if len(password) < MIN_PASSWORD_LENGTH:
        return say("Mật khẩu cần ít nhất %(count)s ký tự.", count=MIN_PASSWORD_LENGTH)
    if len(password) > MAX_PASSWORD_LENGTH:
        return say("Mật khẩu dài nhất %(count)s ký tự.", count=MAX_PASSWORD_LENGTH)
    if (
        len(set(password)) < FEWEST_DIFFERENT
        or username.casefold() in password.casefold()
        or is_tried_first(password)
    ):
        return say("Mật khẩu quá dễ đoán. Hãy chọn một câu dài mà chỉ bạn nhớ.")
    return None


def is_tried_first(password: str) -> bool:
    """Say whether a password is made of what guessers begin with: known words, rows of keys, and little beside them.

    "Matkhau@2026", "qwerty123456", "giaovien.thcs1" and a telephone number are; a sentence, or letters drawn by lot, is
    not.
    """
    plain = fold(password)
    if plain.isdecimal() and len(plain) <= LONGEST_NUMBER:
        return True
    return any(_is_mostly_known(one) for one in {plain, plain.translate(LOOKS_LIKE)})


def _is_mostly_known(plain: str) -> bool:
    bare = _SIGNS.sub("", plain)
    left = _RUNS.sub("", _WORDS.sub("", bare))
    return len(left) < len(bare) and len(left) <= MOST_BESIDE_A_WORD


def _runs() -> re.Pattern[str]:
    """Return the pattern of stretches of a row of keys, both ways, and of one character again and again."""
    stretches = {
        way[start : start + LONGEST_RUN]
        for row in ROWS
        for way in (row, row[::-1])
        for start in range(len(way) - LONGEST_RUN + 1)
    }
    return re.compile("|".join([*sorted(map(re.escape, stretches)), r"(.)\1{3,}"]))


_RUNS: Final = _runs()
_SIGNS: Final = re.compile(r"[\W_]+")
_WORDS: Final = re.compile("|".join(sorted(_TRIED_FIRST.split(), key=len, reverse=True)))
