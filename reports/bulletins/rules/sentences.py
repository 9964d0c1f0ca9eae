"""Sentences written from figures by rule: one for one, in a fixed order, and silent where there is no figure.

A sentence never explains. It says a figure, what it is compared with, and what stands in the way of comparing: a
missing period, a provisional figure, a figure that may not be told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.i18n import N_, say
from reports.bulletins.rules.wording import (
    PART_WORDS,
    count_of,
    is_provisional,
    is_withheld,
    month_words,
    number,
    over_schools,
    parts_below,
    percent,
    value_of,
)
from reports.indicators.rules import COVERAGE_THRESHOLD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SMALLEST_CHANGE: Final = 0.05
"""Percentage points; less is told as "no change", for that is what one decimal shows."""


def sentences(content: Mapping[str, Any]) -> list[str]:
    """Return the sentences of a bulletin, in Vietnamese."""
    by_code = {one["code"]: one for one in content["figures"]}
    return [
        str(one)
        for one in (
            *_coverage(by_code),
            *_schools(by_code, content),
            *_rate(by_code, content),
            *_absences(by_code),
            *_often_absent(by_code),
            *_parts(content),
            *_moves(by_code),
            *_lessons(by_code),
        )
    ]


def _coverage(by_code: Mapping[str, Any]) -> Iterator[str]:
    cell = _now(by_code, "register_coverage")
    taken, due = count_of(cell), count_of(cell, "denominator")
    if is_withheld(cell):
        yield say("Tỷ lệ lớp đã điểm danh của tháng không công bố.")
    elif not due:
        yield say("Tháng này chưa có buổi nào phải điểm danh trong hệ thống, nên chưa có số liệu chuyên cần.")
    elif not taken:
        yield say(
            "Chưa buổi nào trong %(due)s buổi được điểm danh, nên chưa có tỷ lệ chuyên cần.", due=number(due)
        )
    else:
        limit = percent(float(COVERAGE_THRESHOLD))
        told = {"taken": number(taken), "due": number(due), "share": percent(taken / due), "limit": limit}
        if taken < COVERAGE_THRESHOLD * due:
            yield say(
                "Mới điểm danh %(taken)s trên %(due)s buổi (%(share)s), dưới mức %(limit)s: "
                "các tỷ lệ dưới đây là số tạm tính.",
                **told,
            )
        else:
            yield say("Đã điểm danh %(taken)s trên %(due)s buổi (%(share)s).", **told)
    on_time = value_of(_now(by_code, "register_timeliness"))
    if on_time is not None and taken:
        yield say("%(share)s số buổi có sổ nộp ngay trong ngày học.", share=percent(on_time / 100))


def _schools(by_code: Mapping[str, Any], content: Mapping[str, Any]) -> Iterator[str]:
    if content["place_kind"] == "school" or "attendance_rate" not in by_code:
        return
    counted, every = by_code["attendance_rate"]["schools"]
    if counted < every:
        yield say(
            "Tỷ lệ chuyên cần tính trên %(counted)s của %(every)s trường; số của các trường còn lại không công bố.",
            counted=counted,
            every=every,
        )


def _rate(by_code: Mapping[str, Any], content: Mapping[str, Any]) -> Iterator[str]:
    figure = by_code.get("attendance_rate")
    value = value_of(figure["now"]) if figure else None
    if figure is None or value is None:
        if figure and is_withheld(figure["now"]):
            yield say(
                "Tỷ lệ chuyên cần không công bố: nhóm quá nhỏ, hoặc từ đó suy ra được một nhóm quá nhỏ."
            )
        return
    yield say(
        "Tỷ lệ chuyên cần %(month)s là %(rate)s.",
        month=month_words(content["period"]),
        rate=percent(value / 100),
    )
    yield _compared(value, figure["now"], figure["before"], content["before"], N_("tháng trước"))
    yield _compared(value, figure["now"], figure["year_ago"], content["year_ago"], N_("cùng tháng năm trước"))


def _compared(
    value: float, now: Mapping[str, Any], other: Mapping[str, Any] | None, period: str | None, words: str
) -> str:
    """Say how a rate changed, or why nobody can tell."""
    earlier = value_of(other)
    if is_withheld(other):
        return say("Số của %(when)s không công bố, nên không so sánh.", when=words)
    if earlier is None or period is None:
        return say("Không có số liệu của %(when)s để so sánh.", when=words)
    told = {"when": f"{words} ({month_words(period)})", "rate": percent(earlier / 100)}
    if is_provisional(now) or is_provisional(other):
        return say(
            "%(when)s là %(rate)s; một trong hai số là tạm tính nên chưa nên so sánh.", **_capital(told)
        )
    change = value - earlier
    if abs(change) < SMALLEST_CHANGE:
        return say("Không đổi so với %(when)s: %(rate)s.", **told)
    points = number(abs(change), 1)
    if change > 0:
        return say("Cao hơn %(when)s %(points)s điểm phần trăm (%(rate)s).", points=points, **told)
    return say("Thấp hơn %(when)s %(points)s điểm phần trăm (%(rate)s).", points=points, **told)


def _capital(told: Mapping[str, str]) -> dict[str, str]:
    return {**told, "when": told["when"][:1].upper() + told["when"][1:]}


def _absences(by_code: Mapping[str, Any]) -> Iterator[str]:
    rate = _now(by_code, "attendance_rate")
    present, expected = count_of(rate), count_of(rate, "denominator")
    excused, unexcused = (
        count_of(_now(by_code, code)) for code in ("absences_excused", "absences_unexcused")
    )
    if present is None or expected is None or excused is None or unexcused is None:
        return
    absent = expected - present
    if expected and not absent:
        yield say("Không có lượt vắng nào trong các buổi đã điểm danh.")
    elif expected:
        told = {"absent": number(absent), "excused": number(excused), "unexcused": number(unexcused)}
        rest = absent - excused - unexcused
        if rest:
            yield say(
                "Có %(absent)s lượt vắng: %(excused)s có phép, %(unexcused)s không phép, %(rest)s chưa rõ lý do.",
                rest=number(rest),
                **told,
            )
        else:
            yield say("Có %(absent)s lượt vắng: %(excused)s có phép, %(unexcused)s không phép.", **told)
    late = count_of(_now(by_code, "late"))
    if late and expected:
        yield say("Có %(late)s lượt đi trễ; đi trễ được tính là có mặt.", late=number(late))


def _often_absent(by_code: Mapping[str, Any]) -> Iterator[str]:
    cell = _now(by_code, "chronic_absence")
    if is_withheld(cell):
        yield say("Số học sinh vắng từ một phần mười số buổi trở lên không công bố.")
    elif value_of(cell) is not None:
        yield say(
            "%(count)s học sinh (%(share)s) vắng từ một phần mười số buổi trở lên%(schools)s.",
            schools=over_schools(by_code["chronic_absence"]),
            count=number(count_of(cell) or 0),
            share=percent((value_of(cell) or 0) / 100),
        )
    over = count_of(_now(by_code, "pupils_over_45"))
    if over:
        yield say("%(count)s học sinh đã vắng hơn 45 buổi từ đầu năm học.", count=number(over))


def _parts(content: Mapping[str, Any]) -> Iterator[str]:
    """Name the lowest and the highest of the parts whose figures are final, and count the others."""
    parts = parts_below(content["parts"])
    cells = [(one["name"], one["cells"].get("attendance_rate")) for one in parts]
    final = sorted(
        (value, name)
        for name, cell in cells
        if (value := value_of(cell)) is not None and not is_provisional(cell)
    )
    words = PART_WORDS.get(parts[0]["kind"], "") if parts else ""
    if len(final) > 1 and final[0][0] < final[-1][0]:
        yield say(
            "Trong %(count)s %(parts)s đủ số liệu, thấp nhất là %(low_name)s (%(low)s), cao nhất là %(high_name)s "
            "(%(high)s).",
            count=len(final), parts=words, low_name=final[0][1], low=percent(final[0][0] / 100),
            high_name=final[-1][1], high=percent(final[-1][0] / 100),
        )  # fmt: skip
    provisional = sum(is_provisional(cell) for _name, cell in cells)
    if provisional:
        yield say("%(count)s %(parts)s mới có số tạm tính.", count=provisional, parts=words)
    withheld = sum(is_withheld(cell) for _name, cell in cells)
    if withheld:
        yield say("Số của %(count)s %(parts)s không công bố.", count=withheld, parts=words)


def _moves(by_code: Mapping[str, Any]) -> Iterator[str]:
    arrived, departed = (count_of(_now(by_code, code)) for code in ("transfers_in", "transfers_out"))
    if arrived or departed:
        told = {"arrived": _told(arrived), "departed": _told(departed)}
        yield say("Học sinh chuyển đến: %(arrived)s; chuyển đi: %(departed)s.", **told)


def _told(count: int | None) -> str:
    return str(say("không công bố")) if count is None else number(count)


def _lessons(by_code: Mapping[str, Any]) -> Iterator[str]:
    held = count_of(_now(by_code, "lessons_held"))
    share = value_of(_now(by_code, "classes_with_lesson"))
    if held and share is not None:
        yield say(
            "Đã dạy %(held)s tiết học tương tác; %(share)s số lớp có ít nhất một tiết.",
            held=number(held),
            share=percent(share / 100),
        )


def _now(by_code: Mapping[str, Any], code: str) -> Mapping[str, Any] | None:
    found = by_code.get(code)
    return found["now"] if found else None
