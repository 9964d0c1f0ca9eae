"""The house rules that a program can check, over every file there is; and the checks checked with planted errors."""

from __future__ import annotations

import importlib
import json
import tomllib
from collections import defaultdict
from fnmatch import fnmatch
from io import BytesIO
from typing import TYPE_CHECKING, Final

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from sqlalchemy.orm import configure_mappers

from app.db import Base
from tests.app_wide import house_scans as scans
from tests.servers import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PACKAGES: Final = ("app", "attendance", "classroom", "reports")
KEYWORDS: Final = DEFAULT_KEYWORDS | {"say": None, "N_": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}

NOT_FOR_TRANSLATION: Final = {
    "*/cli.py": "the command line speaks Vietnamese to whoever runs the server",
    "*demo*": "invented people and lessons",
    "app/frontend/text.ts": "the letters that searching ignores",
    "app/intake/rules/*": "words as other systems' files spell them",
    "app/school/timetables/rules/words.py": "words as timetable files spell them, and as ours do",
    "app/school/timetables/rules/subjects.py": "the names of subjects: data, as a school's own are",
    "app/school/timetables/rules/teachers.py": "words as timetable files spell them",
    "app/school/timetables/rules/lesson_rows.py": "words as the reader of timetable files takes them",
    "app/school/timetables/rules/workbook.py": "the headings of a timetable file, which the reader knows again",
    "app/school/rules.py": "the ministry's own words for a pupil's status, as its files have them",
    "app/templates/styleguide*": "sample names and a sample question",
    "classroom/activities/rules/lines.py": "the words in which teachers type questions",
    "classroom/activities/rules/questions.py": "the same words",
    "classroom/activities/rules/tables.py": "the same words",
    "classroom/activities/rules/columns.py": "the same words, written for the reader",
    "classroom/sheets/rules/word.py": "a mark in the teacher's own text where a formula could not be read",
    "classroom/sheets/rules/__init__.py": "a cell that says true or false, as the teacher would have typed it",
    "classroom/activities/rules/writing.py": "the same words",
    "*bank/templates/bank/writing.html": "sample questions",
    "app/static/stopped.html": "both languages on one page, which nothing renders",
    "app/text.py": "the Vietnamese alphabet, and what wrong encodings make of it",
}
"""Files whose Vietnamese is not a sentence of the interface, and why."""


def sources(*patterns: str, tests: bool = False) -> list[Path]:
    """Return the files of the packages (and of the tests) that match, generated ones left out."""
    roots = [*PACKAGES, *(("tests", "demo", "bench", "tools") if tests else ())]
    found = [path for root in roots for pattern in patterns for path in (ROOT / root).rglob(pattern)]
    return sorted(path for path in found if "dist" not in path.parts and "__pycache__" not in path.parts)


def python() -> list[Path]:
    return [*sources("*.py"), ROOT / "wsgi.py", ROOT / "config.py"]


def typescript() -> list[Path]:
    return [path for path in sources("*.ts", "*.tsx") if ".test." not in path.name]


def faults_in(paths: list[Path], scan: Callable[[str], list[str]]) -> list[str]:
    return [f"{_name(path)} {fault}" for path in paths for fault in scan(path.read_text())]


def _name_parts(path: Path) -> list[str]:
    """Return the names that someone chose for a file: its folders below the package, and its own."""
    return [*path.relative_to(ROOT).parts[1:-1], path.name.split(".")[0]]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# ---------------------------------------------------------------------------------------- the real files


def test_only_the_clock_reads_the_clock() -> None:
    others = [path for path in [*python(), *sources("*.py", tests=True)] if path != ROOT / "app" / "clock.py"]
    assert faults_in(others, scans.readings_of_the_clock) == []


def test_no_function_is_longer_than_a_screen() -> None:
    assert faults_in([*python(), *sources("*.py", tests=True)], scans.long_functions) == []


def test_no_file_is_called_utils() -> None:
    files = sources("*.py", "*.ts", "*.tsx", "*.html", "*.css", tests=True)
    named = [path for path in files if any(scans.BANNED_NAMES.fullmatch(part) for part in _name_parts(path))]
    assert [_name(path) for path in named] == []


def test_templates_have_no_inline_code() -> None:
    assert faults_in(sources("*.html"), scans.template_code_faults) == []


def test_templates_have_no_untranslated_text() -> None:
    assert faults_in(_for_translation(sources("*.html")), scans.template_text_faults) == []


def test_python_marks_its_vietnamese_for_translation() -> None:
    assert faults_in(_for_translation(python()), scans.unmarked_vietnamese) == []


def test_typescript_shows_no_text_without_the_translator() -> None:
    assert faults_in(_for_translation(typescript()), scans.typescript_faults) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_of_typescript_has_its_english(package: str) -> None:
    asked = {
        text
        for path in typescript()
        if _of(package, path)
        for text in scans.typescript_texts(path.read_text())
    }
    file = ROOT / package / "translations" / "en.json"
    english: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    assert asked - set(english) == set(), "missing in translations/en.json"
    assert set(english) - asked == set(), "in translations/en.json, but no longer asked for"
    assert [key for key, value in english.items() if not value or not scans.pair_agrees(key, value)] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_of_python_and_templates_has_its_english(package: str) -> None:
    file = ROOT / package / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    asked = set(_extracted(ROOT / package))
    if not file.exists():
        assert asked == set(), f"{_name(file)} is missing"
        return
    assert asked - set(_message_ids(file)) == set(), "missing in the catalogue; run make messages"
    assert scans.catalogue_faults(BytesIO(file.read_bytes())) == []


def test_the_packages_agree_on_the_english_of_a_message() -> None:
    """They are one catalogue when a page is written: of two answers the last package's would stand everywhere."""
    answers: dict[str, set[str]] = defaultdict(set)
    for package in PACKAGES:
        file = ROOT / package / "translations" / "en" / "LC_MESSAGES" / "messages.po"
        for source, answer in _messages(file) if file.exists() else ():
            answers[source].add(answer)
    assert len(answers) > 1000
    assert {source: told for source, told in answers.items() if len(told) > 1} == {}


def test_lock_files_hold_no_address() -> None:
    locks = [*ROOT.glob("requirements*"), ROOT / "package-lock.json", *ROOT.glob(".npmrc")]
    assert len(locks) >= 5
    assert faults_in(locks, scans.lock_faults) == []


def test_the_developers_lock_holds_what_runs() -> None:
    """Both are compiled apart, and only the second is installed here: what lacks there is missing in a fresh clone."""
    running, developing = (
        {line.split(" ")[0] for line in (ROOT / name).read_text().splitlines() if "==" in line.split(" ")[0]}
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert running <= developing


def test_no_relationship_loads_by_itself() -> None:
    for path in sources("models.py"):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    configure_mappers()
    relationships = [relation for mapper in Base.registry.mappers for relation in mapper.relationships]
    loading = [
        str(relation)
        for relation in relationships
        if relation.lazy not in {"raise", "raise_on_sql", "write_only"}
    ]
    assert loading == []


def _for_translation(paths: list[Path]) -> list[Path]:
    return [path for path in paths if not any(fnmatch(_name(path), known) for known in NOT_FOR_TRANSLATION)]


def _of(package: str, path: Path) -> bool:
    return path.relative_to(ROOT).parts[0] == package


def _extracted(folder: Path) -> Iterator[str]:
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(entry["pattern"], entry["method"]) for entry in mappings]
    options = {entry["pattern"]: {"silent": entry["silent"]} for entry in mappings if "silent" in entry}
    for _file, _line, message, _comments, _context in extract_from_dir(folder, methods, options, KEYWORDS):
        yield message if isinstance(message, str) else message[0]


def _message_ids(file: Path) -> Iterator[str]:
    return (source for source, _answer in _messages(file))


def _messages(file: Path) -> Iterator[tuple[str, str]]:
    """Yield (message id, its English); of one with a plural the singular's id, and all forms of the answer."""
    with file.open("rb") as opened:
        for message in read_po(opened, locale="en"):
            if message.id:
                yield message.id if isinstance(message.id, str) else message.id[0], str(message.string)


# -------------------------------------------------------------------------------------- planted errors


def _scan_po(text: str) -> list[str]:
    return scans.catalogue_faults(BytesIO(text.encode()))


@pytest.mark.parametrize(
    ("scan", "planted"),
    [
        (scans.readings_of_the_clock, "import datetime\nx = datetime.datetime.now(tz=None)"),
        (scans.readings_of_the_clock, "from datetime import date\nx = date.today"),
        (scans.readings_of_the_clock, "x = datetime.utcnow()"),
        (scans.long_functions, "def long():\n" + "    x = 1\n" * 51),
        (scans.unmarked_vietnamese, "raise Invalid('Không đọc được')"),
        (scans.unmarked_vietnamese, "x = f'Lớp {name}'"),
        (scans.template_code_faults, "{{ name|safe }}"),
        (scans.template_code_faults, "{% autoescape false %}{% endautoescape %}"),
        (scans.template_code_faults, "<script>alert(1)</script>"),
        (scans.template_code_faults, "<style>p {}</style>"),
        (scans.template_code_faults, '<p {% if x %}class="a"{% endif %} style="color: red">'),
        (scans.template_code_faults, '<a href="javascript:void(0)">'),
        (scans.template_code_faults, "<button onclick='go()'>"),
        (scans.template_text_faults, "<h1>Điểm danh {{ name }}</h1>"),
        (scans.template_text_faults, "{% trans %}Lớp{% endtrans %} <b>Save</b>"),
        (scans.template_text_faults, '<input placeholder="Họ tên">'),
        (scans.typescript_faults, 'button.textContent = "Đã lưu";'),
        (scans.typescript_faults, "return <p>Saved</p>;"),
        (scans.typescript_faults, "t(`Còn ${n} em`)"),
        (scans.typescript_faults, "show(t(message))"),
        (_scan_po, 'msgid "Lưu"\nmsgstr ""'),
        (_scan_po, '#, fuzzy\nmsgid "Lưu"\nmsgstr "Save"'),
        (_scan_po, 'msgid "Lớp %(name)s"\nmsgstr "Class %(nam)s"'),
        (_scan_po, 'msgid "%(num)s em"\nmsgid_plural "%(num)s em"\nmsgstr[0] "%(num)s pupil"\nmsgstr[1] ""'),
        (scans.lock_faults, f'      "{"re" + "solved"}": "x",'),
        (scans.lock_faults, f"--extra-{'index'}-url x"),
        (scans.lock_faults, "--find-links /some/folder"),
    ],
)
def test_a_planted_error_is_found(scan: Callable[[str], list[str]], planted: str) -> None:
    assert scan(planted) != []


@pytest.mark.parametrize(
    ("scan", "good"),
    [
        (scans.readings_of_the_clock, "from app import clock\nx = clock.now()"),
        (scans.long_functions, 'def short():\n    """Say.\n' + "    more\n" * 60 + '    """\n    x = 1'),
        (scans.unmarked_vietnamese, '"""Điểm danh."""\nx = say("Không đọc được dòng %(row)s.", row=5)'),
        (
            scans.template_code_faults,
            '<script type="application/json" id="sheet">{{ sheet|tojson }}</script>',
        ),
        (
            scans.template_text_faults,
            '<h1 title="{{ _("Lớp") }}">{% trans n=1 %}Điểm <b>danh</b>{% endtrans %}</h1>&nbsp;',
        ),
        (
            scans.template_text_faults,
            "{# Ghi chú #}<p class='on'>{{ ngettext('%(num)s em', '%(num)s em', n) }}</p>",
        ),
        (
            scans.typescript_faults,
            'const a = t("Đã lưu"); // Đã\n/* lưu */ if (a > b && c < d) { x = <p>{t("Em")}</p>; }',
        ),
        (_scan_po, 'msgid "Lớp %(name)s"\nmsgstr "Class %(name)s"'),
        (scans.lock_faults, "flask==3.1.3 \\\n    --hash=sha256:0"),
    ],
)
def test_good_text_is_left_alone(scan: Callable[[str], list[str]], good: str) -> None:
    assert scan(good) == []


def test_typescript_texts_are_read_as_the_browser_reads_them() -> None:
    source = """t("Còn {n} em", { n }); t('Bấm "Lưu"'); t( "Dòng\\nmới"); format("no"); // t("gone")"""
    assert scans.typescript_texts(source) == {"Còn {n} em", 'Bấm "Lưu"', "Dòng\nmới"}
