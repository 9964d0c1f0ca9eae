"""Vietnamese text: the examples of the domain notes, and what must hold for any text."""

from __future__ import annotations

import sqlite3
import unicodedata
from itertools import pairwise, product
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy import text as sql

from app.text import (
    LegacyEncoding,
    clean_name,
    file_name_safe,
    fold,
    given_name,
    initials,
    legacy_encoding,
    natural_key,
    nfc,
    sort_key,
    title_case_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

VOWELS: Final = "aăâeêioôơuưy"
TONES: Final = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
LETTERS: Final = [nfc(vowel + tone) for vowel in VOWELS for tone in TONES] + list("bcdđghklmnpqrstvx")
ONSETS: Final = ("", "b", "đ", "g", "gi", "th")
RHYMES: Final = ("a", "ai", "am", "an", "ang", "anh", "ao", "au", "ay", "ăn", "ăng", "âm", "ân", "âu", "ây", "e", "em",
                 "eo", "ê", "ên", "êu", "i", "ia", "iêm", "iên", "iêu", "inh", "iu", "o", "oa", "oai", "oan", "oang",
                 "oanh", "oay", "oăn", "oe", "oi", "on", "ong",  "ô", "ôi", "ôn", "ông", "ơ", "ơi", "ơn", "u",
                 "ua", "uân", "uây", "uê", "ui", "un", "ung", "uơ", "uôi", "uông", "uy", "uya", "uyên", "uynh", "ư",
                 "ưa", "ưi", "ưng", "ươi", "ương", "ưu", "y", "yên", "yêu")  # fmt: skip

words = st.text(st.sampled_from(LETTERS + [letter.upper() for letter in LETTERS]), min_size=1, max_size=8)
names = st.lists(words, min_size=1, max_size=5).map(" ".join)


def syllables() -> list[str]:
    """Every onset with every rhyme and tone, the tone where one of the two spelling styles puts it."""
    return [
        nfc(onset + rhyme[: place + 1] + tone + rhyme[place + 1 :])
        for onset, rhyme in product(ONSETS, RHYMES)
        for place in places_of_the_tone(rhyme)
        for tone in TONES
    ]


def places_of_the_tone(rhyme: str) -> list[int]:
    vowels = [place for place, letter in enumerate(rhyme) if letter in VOWELS]
    marked = [place for place in vowels if rhyme[place] in "ăâêôơư"]
    if marked:
        return marked[-1:]
    if rhyme in {"oa", "oe", "uy"}:
        return vowels
    closed = rhyme[-1] not in VOWELS
    return [vowels[-1] if closed else vowels[1] if len(vowels) == 3 else vowels[0]]


# ---------------------------------------------------------------------------------------------- forms


def test_a_name_typed_on_a_mac_is_the_same_name() -> None:
    apart = unicodedata.normalize("NFD", "Nguyễn Thị Hường")
    assert apart != "Nguyễn Thị Hường"
    assert clean_name(apart) == "Nguyễn Thị Hường"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Lê\xa0 Thanh \t Long\n", "Lê Thanh Long"),
        ("K’Rân", "K'Rân"),
        ("H\u02bcHoa Niê", "H'Hoa Niê"),
        ("Y–Bloong", "Y-Bloong"),
        ("Nguyễn\u200bVăn\ufeff An", "NguyễnVăn An"),
        ("An\x00\x07", "An"),
    ],
)
def test_names_are_cleaned(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean_name(text)
    assert clean_name(once) == once
    assert once == once.strip()
    assert "\x00" not in once


def test_folding_knows_the_letter_with_the_stroke() -> None:
    assert fold("ĐẶNG Thị Ước") == "dang thi uoc"
    assert fold("Hoà") == fold("Hòa") == fold("HOÀ") == "hoa"


@given(names)
def test_folding_leaves_plain_lower_letters_and_ignores_form_and_case(name: str) -> None:
    folded = fold(name)
    assert folded.isascii()
    assert folded == folded.lower() == fold(folded)
    assert fold(unicodedata.normalize("NFD", name.upper())) == folded


def test_given_name_and_initials() -> None:
    assert given_name("Nguyễn Hoàng Phương Uyên") == "Uyên"
    assert given_name("An") == "An"
    assert given_name("  ") == ""
    assert initials("Đặng Văn An") == "dva"


# ---------------------------------------------------------------------------------------------- order


def in_order(written: Iterable[str], key: Callable[[str], str]) -> bool:
    """Say whether the keys rise strictly in the order in which the words are written."""
    keys = [key(word) for word in written]
    return all(one < other for one, other in pairwise(keys))


def test_the_example_order_of_the_domain_notes() -> None:
    expected = ["An", "Đỗ Minh Anh", "Vũ Minh Anh", "Ánh", "Ăn", "Ân", "Ẩn", "Dũng", "Đức", "Út", "Uy", "Ước"]
    assert in_order(expected, sort_key)


def test_people_stand_by_given_name_then_family_name_then_middle_name() -> None:
    expected = [
        "Trần Văn An",
        "Lê Thị Bình",
        "Nguyễn An Bình",
        "Nguyễn Thị Bình",
        "Điểu K'Rân",
        "Vũ Minh Uyên",
    ]
    assert in_order(expected, sort_key)


def test_tones_stand_in_the_order_of_the_schools() -> None:
    expected = ["Ma", "Mà", "Mả", "Mã", "Má", "Mạ"]
    assert in_order(expected, sort_key)


def test_the_alphabet_stands_in_its_order() -> None:
    alphabet = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
    assert in_order(alphabet, sort_key)


def test_the_tone_counts_only_when_the_letters_are_the_same() -> None:
    assert sorted(["Hạ", "Hai", "Hà"], key=sort_key) == ["Hà", "Hạ", "Hai"]
    assert sort_key("Hoà") == sort_key("Hòa")


@given(st.text())
def test_sort_keys_are_ascii(text: str) -> None:
    assert sort_key(text).isascii()
    assert natural_key(text).isascii()
    assert "\x00" not in sort_key(text)


@given(names)
def test_sort_keys_ignore_form_and_case(name: str) -> None:
    assert sort_key(unicodedata.normalize("NFD", name)) == sort_key(name) == sort_key(name.upper())


@given(words, words)
def test_words_stand_by_letters_first_and_by_tones_second(one: str, other: str) -> None:
    def letters(word: str) -> list[int]:
        apart = unicodedata.normalize("NFD", word.lower())
        bare = nfc("".join(sign for sign in apart if sign not in TONES))
        return ["aăâbcdđeêghiklmnoôơpqrstuưvxy".index(sign) for sign in bare]

    if letters(one) != letters(other):
        assert (sort_key(one) < sort_key(other)) == (letters(one) < letters(other))


def test_classes_stand_as_people_count() -> None:
    expected = ["1A", "4/2", "4/10", "6A", "6A2", "6A10", "6Đ1", "9A1", "10.1", "10.2", "10.10", "12.3"]
    assert in_order(expected, natural_key)
    assert natural_key("4/7") == natural_key("4.7") == natural_key(" 4 - 7 ")
    assert natural_key("4/07") == natural_key("4/7")


@given(st.integers(1, 12), st.integers(1, 10**6), st.integers(1, 10**6), st.sampled_from(["/", ".", "A"]))
def test_numbers_in_classes_stand_by_value(grade: int, one: int, other: int, sign: str) -> None:
    keys = natural_key(f"{grade}{sign}{one}"), natural_key(f"{grade}{sign}{other}")
    assert (keys[0] < keys[1]) == (one < other)


SAMPLE: Final = [
    "An",
    "Ánh",
    "Ăn",
    "Ân",
    "Ẩn",
    "Dũng",
    "Đức",
    "Út",
    "Uy",
    "Ước",
    "Uyên",
    "K'Rân",
    "Y Bloong",
    "Zoë",
]


@pytest.mark.parametrize("key", [sort_key, natural_key])
def test_sqlite_orders_by_the_key_as_python_does(key: Callable[[str], str]) -> None:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE t (k TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [(key(name),) for name in SAMPLE])
        found = [row[0] for row in connection.execute("SELECT k FROM t ORDER BY k")]
    connection.close()
    assert found == sorted(found)


@pytest.mark.postgres
def test_postgresql_orders_by_the_key_as_python_does(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(sql('CREATE TABLE t (k TEXT COLLATE "C")'))
        connection.execute(sql("INSERT INTO t VALUES (:k)"), [{"k": sort_key(name)} for name in SAMPLE])
        found = list(connection.scalars(sql("SELECT k FROM t ORDER BY k")))
    engine.dispose()
    assert found == sorted(found)


# ---------------------------------------------------------------------------------------------- names as written


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("NGUYỄN VĂN AN", "Nguyễn Văn An"),
        ("ĐIỂU K'RÂN", "Điểu K'Rân"),
        ("H'HOA NIÊ", "H'Hoa Niê"),
        ("Y-BLOONG", "Y-Bloong"),
        ("Y", "Y"),
        ("Nguyễn Văn AN", "Nguyễn Văn AN"),
        ("Ksor H'Bia", "Ksor H'Bia"),
        ("nguyễn văn an", "nguyễn văn an"),
    ],
)
def test_capitals_are_taken_back_only_from_names_all_in_capitals(typed: str, kept: str) -> None:
    assert title_case_name(typed) == kept


def test_file_names_are_safe_everywhere() -> None:
    assert file_name_safe("Danh sách lớp 4/7") == "danh-sach-lop-4-7"
    assert file_name_safe("../../etc/passwd") == "etc-passwd"
    assert file_name_safe("…") == "tep"


@given(st.text())
def test_a_safe_file_name_is_short_plain_and_never_empty(text: str) -> None:
    name = file_name_safe(text)
    assert 0 < len(name) <= 80
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


# ---------------------------------------------------------------------------------------------- old encodings


@pytest.mark.parametrize(
    ("names_read", "encoding"),
    [
        (["Nguyeãn Vaên Taâm", "Traàn Thò Hoàng", "Leâ Ñöùc Duõng"], LegacyEncoding.VNI),
        (["NguyÔn V¨n T©m", "TrÇn ThÞ Hång", "Lª §øc Dòng"], LegacyEncoding.TCVN3),
        (["Nguyá»…n VÄƒn An", "Tráº§n VÄƒn BÃ¬nh"], LegacyEncoding.MISREAD_UTF8),
    ],
)
def test_old_encodings_are_recognised(names_read: list[str], encoding: LegacyEncoding) -> None:
    assert legacy_encoding(names_read) == (encoding, names_read[0])


def test_no_vietnamese_syllable_looks_like_an_old_encoding() -> None:
    assert [
        word for word in syllables() for form in (word, word.capitalize()) if legacy_encoding([form])
    ] == []


def test_a_foreign_name_among_many_condemns_nobody() -> None:
    assert legacy_encoding(["Ana Peña", *["Nguyễn Văn An"] * 10]) is None
    assert legacy_encoding([]) is None
