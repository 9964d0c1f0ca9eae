"""Whatever is a list answers like one: searched, filtered, sorted, as a workbook, on paper (issue "The school behind").

The macro `ui.listing` gives order, Excel and paper to every `ListSpec` (tests/app/lists); here is looked for lists that
cannot be searched or filtered, and for tables made by hand that should have been lists.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tests.servers import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES: Final = ("app", "attendance", "classroom", "reports")
FORM: Final = "a form in rows: filled in, not read"
REPORT: Final = "figures of a report, which has its own choices, workbook and paper"
REVIEW: Final = "what a file or a step is about to do, read once and confirmed"
GRID: Final = "a grid: rows and columns are both days, periods, pupils or seats"
FEW: Final = "a handful of settings or devices; nobody sorts five lines"
PART: Final = "a part of the page of one thing"
DESK: Final = "what waits to be done now, in the order in which it is done"
TABLES: Final = {
    "app/accounts/templates/accounts/account.html": (1, FEW),
    "app/accounts/templates/accounts/bulk.html": (1, DESK),
    "app/accounts/templates/accounts/person.html": (1, FEW),
    "app/audit/templates/audit/entries.html": (
        1,
        "paged along the log's sequence; searched, filtered, in files",
    ),
    "app/contacts/templates/contacts/index.html": (1, FEW),
    "app/intake/templates/intake/parts.html": (4, REVIEW),
    "app/intake/templates/intake/remedy.html": (1, REVIEW),
    "app/oneroster/templates/oneroster/index.html": (1, FEW),
    "app/school/bells/templates/bells/plans.html": (2, FORM),
    "app/school/calendar/templates/calendar/year.html": (2, GRID),
    "app/school/cards/templates/cards_of_school/index.html": (1, DESK),
    "app/school/classes/templates/classes/homerooms.html": (1, FORM),
    "app/school/classes/templates/classes/teachers.html": (1, PART),
    "app/school/duplicates/templates/duplicates/compare.html": (1, REVIEW),
    "app/school/rollover/templates/rollover/class.html": (1, FORM),
    "app/school/rollover/templates/rollover/rollover.html": (2, REVIEW),
    "app/school/seating/templates/seating/plan.html": (1, GRID),
    "app/school/templates/school/class_table.html": (1, REVIEW),
    "app/school/timetables/templates/timetables/parts.html": (2, GRID),
    "app/school/timetables/templates/timetables/preview.html": (2, REVIEW),
    "app/school/timetables/templates/timetables/substitutions.html": (1, DESK),
    "app/staff/templates/staff/import.html": (1, REVIEW),
    "app/templates/components.html": (2, "the macro of lists, and the twin of a chart"),
    "app/templates/styleguide.html": (1, "samples"),
    "attendance/arrivals/templates/arrivals/desk.html": (2, DESK),
    "attendance/corrections/templates/corrections/parts.html": (1, PART),
    "attendance/gates/templates/gates/index.html": (1, FEW),
    "attendance/months/templates/months/class.html": (1, GRID),
    "attendance/months/templates/months/grid.html": (1, GRID),
    "attendance/registers/templates/registers/history.html": (1, PART),
    "attendance/registers/templates/registers/today.html": (1, DESK),
    "attendance/registers/templates/registers/today_session.html": (3, DESK),
    "attendance/rulebook/templates/rulebook/page.html": (1, FORM),
    "attendance/years/templates/years/class.html": (1, GRID),
    "attendance/years/templates/years/record.html": (1, GRID),
    "classroom/mastery/templates/mastery/class.html": (1, REPORT),
    "classroom/mastery/templates/mastery/objectives.html": (1, REPORT),
    "classroom/outcomes/templates/outcomes/lesson.html": (1, REPORT),
    "reports/breakdowns/templates/breakdowns/breakdown.html": (1, REPORT),
    "reports/catalogue/templates/catalogue/catalogue.html": (1, REPORT),
    "reports/catalogue/templates/catalogue/indicator.html": (2, PART),
    "reports/changes/templates/changes/change.html": (1, FEW),
    "reports/checks/templates/checks/checks.html": (2, FEW),
    "reports/exchange/templates/exchange/exchange.html": (1, DESK),
    "reports/explorer/templates/explorer/table.html": (1, REPORT),
    "reports/hub/templates/hub/dashboard.html": (1, REPORT),
    "reports/hub/templates/hub/forms.html": (1, REPORT),
    "reports/indicators/templates/indicators/attendance.html": (1, REPORT),
    "reports/inputs/templates/inputs/inputs.html": (1, FORM),
    "reports/official/templates/official/index.html": (1, FEW),
    "reports/official/templates/official/table.html": (1, REPORT),
    "reports/past/templates/past/month.html": (1, REPORT),
    "reports/questions/templates/questions/week.html": (3, REPORT),
    "reports/submissions/templates/submissions/release.html": (1, REPORT),
    "reports/submissions/templates/submissions/submissions.html": (2, REPORT),
}
"""Tables that are no lists, {template: (how many, why)}. A new one is a list (`app/lists`) or gives its reason here."""


SEARCHED_BY_THE_DATABASE: Final = {"app/accounts/views/managing.py", "app/school/pupils/views/listing.py"}
"""Views whose lists are too long to be held: the source of the rows does what `search` does for others."""


def lists_lacking(source: str, *, in_memory: bool = True) -> list[str]:
    """Find lists that cannot be searched or filtered, as "line N: name lacks what"."""
    wanted = ("search_label", "filters", "search") if in_memory else ("search_label", "filters")
    return [
        f"line {call.lineno}: {_name(call)} lacks {each}"
        for call in _specs(ast.parse(source))
        for each in wanted
        if each not in {keyword.arg for keyword in call.keywords}
    ]


def _specs(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.value if isinstance(node.func, ast.Subscript) else node.func
            if isinstance(name, ast.Name) and name.id == "ListSpec":
                yield node


def _name(call: ast.Call) -> str:
    return next((ast.unparse(each.value) for each in call.keywords if each.arg == "name"), "a list")


def files(pattern: str) -> dict[str, str]:
    """Return {path: text} of the packages' files."""
    found = [path for package in PACKAGES for path in (ROOT / package).rglob(pattern)]
    return {str(path.relative_to(ROOT)): path.read_text() for path in sorted(found)}


def test_every_list_is_searched_and_filtered() -> None:
    sources = {name: text for name, text in files("*.py").items() if "ListSpec" in text}
    found = {
        name: lists_lacking(text, in_memory=name not in SEARCHED_BY_THE_DATABASE)
        for name, text in sources.items()
    }
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert sum(len(list(_specs(ast.parse(text)))) for text in sources.values()) >= 27


def test_every_page_of_a_list_shows_it_with_the_macro_that_sorts_and_hands_it_out() -> None:
    """What `answer` is given is shown with `ui.listing`: a page that draws the rows itself loses Excel and paper."""
    templates = files("*.html")
    shown = {name.rpartition("/templates/")[2]: text for name, text in templates.items()}
    answered = {
        str(call.args[0].value)
        for text in files("*.py").values()
        if "from app.lists.views import" in text
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "answer"
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    assert len(answered) >= 20
    assert {name for name in answered if "ui.listing(listing)" not in shown[name]} == set()


def test_every_table_made_by_hand_says_why_it_is_no_list() -> None:
    counted = {name: count for name, text in files("*.html").items() if (count := text.count("<table"))}
    assert counted == {name: count for name, (count, _why) in TABLES.items()}, (
        "make it a list (docs/frontend.md), or say in TABLES why it is none"
    )


def test_the_scan_finds_a_list_that_lacks_something() -> None:
    good = 'ListSpec(name="a", search_label="b", search=c, filters=d)'
    assert lists_lacking(good) == []
    assert lists_lacking(good.replace(", filters=d", "")) == ["line 1: 'a' lacks filters"]
    bad = 'ListSpec[X](name="a", filters=d)'
    assert lists_lacking(bad) == ["line 1: 'a' lacks search_label", "line 1: 'a' lacks search"]
    assert lists_lacking(bad, in_memory=False) == ["line 1: 'a' lacks search_label"]
