"""Question sheets out of files: what Word keeps out of its text comes along, what is hostile does not get in."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from typing import Final

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InvalidError
from classroom.activities.rules.formulas import drawn
from classroom.activities.rules.reading import must_read
from classroom.sheets.rules import sheet_in
from classroom.sheets.rules.word import document_of

W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
M: Final = "http://schemas.openxmlformats.org/officeDocument/2006/math"
NUMBERING: Final = """<w:abstractNum w:abstractNumId="7">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="Câu %1."/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="upperLetter"/><w:lvlText w:val="%2."/></w:lvl></w:abstractNum>
<w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num>"""
HALF: Final = "<m:oMath><m:f><m:num>{}</m:num><m:den>{}</m:den></m:f></m:oMath>"
CASES: Final = (
    '<m:d><m:dPr><m:begChr m:val="{{"/><m:endChr m:val=""/></m:dPr>'
    "<m:e><m:eqArr><m:e>{}</m:e><m:e>{}</m:e></m:eqArr></m:e></m:d>"
)


PACKINGS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def run(text: str, look: str = "") -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def sign(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


def line(*runs: str, level: int | None = None) -> str:
    number = (
        f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="3"/></w:numPr></w:pPr>'
        if level is not None
        else ""
    )
    return f"<w:p>{number}{''.join(runs)}</w:p>"


def document(*lines: str, head: str = "", packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        body = f'<w:document xmlns:w="{W}" xmlns:m="{M}"><w:body>{"".join(lines)}</w:body></w:document>'
        archive.writestr("word/document.xml", f"{head}{body}")
        archive.writestr("word/numbering.xml", f'<w:numbering xmlns:w="{W}">{NUMBERING}</w:numbering>')
    return out.getvalue()


def tex(inner: str) -> str:
    return sheet_in("a.docx", document(line(f"<m:oMath>{inner}</m:oMath>"))).text.strip("$")


def test_a_sheet_of_word_with_numbers_equations_and_marks() -> None:
    red = '<w:color w:val="FF0000"/>'
    found = sheet_in(
        "de.docx",
        document(
            line(run("Phân số nào bằng "), HALF.format(sign("1"), sign("2")), run("?"), level=0),
            line(HALF.format(sign("2"), sign("3")), level=1),
            line(run("Số "), HALF.format(sign("3"), sign("6")), run(" nhé", red), level=1),
            line(run("Khí nào là CO"), run("2", '<w:vertAlign w:val="subscript"/>'), run("?"), level=0),
            line(run("Các-bô-níc", '<w:u w:val="single"/>'), run("\t"), level=1),
            line(run("Ô-xi"), "<w:r><w:drawing/></w:r>", level=1),
            "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>",
        ),
    )
    first, second = must_read(found.text)
    assert first.question == r"Phân số nào bằng $\frac{1}{2}$?"
    assert first.options == (r"$\frac{2}{3}$", r"Số $\frac{3}{6}$ nhé")
    assert first.solution == ("B",)
    assert (second.question, second.solution, found.pictures) == ("Khí nào là CO₂?", ("A",), 1)


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        (
            f"<m:sSup><m:e>{sign(chr(0x1D465))}</m:e><m:sup>{sign('2')}</m:sup></m:sSup>{sign('≤π')}",
            r"x^{2}\le \pi",
        ),
        (f"<m:rad><m:deg>{sign('3')}</m:deg><m:e>{sign('x+1')}</m:e></m:rad>", r"\sqrt[3]{x+1}"),
        (f"<m:sSup><m:e>{sign('60')}</m:e><m:sup>{sign('°')}</m:sup></m:sSup>", r"60^\circ"),
        (
            f'<m:acc><m:accPr><m:chr m:val="→"/></m:accPr><m:e>{sign("AB")}</m:e></m:acc>',
            r"\overrightarrow{AB}",
        ),
        (
            CASES.format(sign("x+y=1"), sign("x-y=3")),
            r"\begin{cases} x+y=1 \\ x-y=3 \end{cases}",
        ),
        (f"<m:func><m:fName>{sign('sin')}</m:fName><m:e>{sign(chr(0x3B1))}</m:e></m:func>", r"\sin \alpha"),
        (f"{sign('S = ')}{sign('diện tích')}", r"S = \text{diện tích}"),
        (f"<m:d><m:e>{sign('a,b')}</m:e></m:d>", r"\left( a,b \right)"),
    ],
)
def test_equations_are_written_as_the_board_draws_them(equation: str, expected: str) -> None:
    assert tex(equation) == expected
    assert drawn(expected) is not None, "a pupil's device draws it without a program"


def test_a_table_of_questions() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(
            (
                ("TRƯỜNG TIỂU HỌC",),
                ("STT", "Câu hỏi", "Đáp án A", "Đáp án B", "Đáp án C", "Đáp án đúng", "Giải thích"),
                (1, "3 + 4 = ?", 7, 8, 9.5, "A", "Đếm thêm 4."),
                (2, "Số nào chẵn?", 2, 4, 5, "1, 2", ""),
                (3, "Thủ đô nước ta?", "Huế", "Hà Nội", "", "Hà Nội", ""),
                (4, "Trái Đất quay.", "Đúng", "Sai", "", "Đúng", ""),
                (5, "5 x 5 = ?", "", "", "", 25, ""),
            )
        ):
            sheet.write_row(place, 0, row)
    sums, even, capital, earth, product = must_read(sheet_in("de.xlsx", out.getvalue()).text)
    assert (sums.options, sums.solution, sums.explanation) == (("7", "8", "9,5"), ("A",), "Đếm thêm 4.")
    assert (even.solution, capital.solution, earth.solution) == (("A", "B"), ("B",), ("T",))
    assert product.solution == ("25",)


def test_a_table_that_is_pasted_out_of_a_spreadsheet() -> None:
    pasted = 'Lớp 4\t\t\t\nCâu hỏi\tA\tB\tĐáp án\n"Số nào\nlẻ?"\t3\t4\tA\n2 + 2 = ?\t\t\t4\n'
    odd, summed = must_read(pasted)
    assert (odd.question, odd.options, odd.solution, summed.solution) == (
        "Số nào lẻ?",
        ("3", "4"),
        ("A",),
        ("4",),
    )


def test_what_is_no_sheet_is_refused_in_words() -> None:
    bomb = document(line(run("x" * 13_000_000)))
    typed = document(line(run("Câu 1. &a;")), head='<!DOCTYPE w [<!ENTITY a "aaaa">]>')
    nested = document("<w:sdt>" * 3_000 + line(run("a")) + "</w:sdt>" * 3_000)
    crowded = document("<w:p/>" * 600_000)
    for name, content in (
        ("a.docx", bomb),
        ("a.docx", nested),
        ("a.docx", crowded),
        ("a.docx", typed),
        ("a.docx", b"PK\x03\x04word/document.xml"),
        ("a.doc", b"x"),
        ("a.xlsx", b"\x00\xff"),
    ):
        with pytest.raises(InvalidError):
            sheet_in(name, content)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=40),
        max_size=6,
    )
)
def test_no_text_of_a_document_breaks_the_reader(texts: list[str]) -> None:
    escaped = [text.replace("&", "&amp;").replace("<", "&lt;") for text in texts]
    content = document(*[line(run(text), f"<m:oMath>{sign(text)}</m:oMath>", level=1) for text in escaped])
    try:
        sheet_in("a.docx", content)
    except InvalidError:
        assert not any(text.strip() for text in texts)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(PACKINGS), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8)
)
def test_no_damage_to_a_document_breaks_the_reader(packing: int, damage: list[tuple[int, int]]) -> None:
    content = bytearray(document(line(run("Câu 1. Một cộng một?"), level=1), packing=packing))
    for place, byte in damage:
        content[place % len(content)] = byte
    with suppress(InvalidError):
        document_of(bytes(content))


@pytest.mark.parametrize("encoding", ["no-such", "utf-7", "shift_jis"])
def test_an_encoding_that_is_not_read_is_refused(encoding: str) -> None:
    with pytest.raises(InvalidError):
        document_of(document(line(run("a")), head=f'<?xml version="1.0" encoding="{encoding}"?>'))
