"""What a request may ask of a collection: a page of it, an order, a filter, some fields (OneRoster 1.2 REST, 3.4).

Whatever cannot be understood is a `BadQuestionError` with the standard's own word for it; no text raises anything else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Resource = dict[str, Any]
USUAL_LIMIT: Final = 100
LARGEST_LIMIT: Final = 1000
"""Who asks for more gets this many, and the address of the rest."""
LONGEST_FILTER: Final = 500
LARGEST_OFFSET: Final = 10_000_000
_CLAUSE: Final = re.compile(r"\s*([A-Za-z][A-Za-z.]{0,60})\s*(!=|>=|<=|=|>|<|~)\s*'([^']*)'\s*")
_JOINT: Final = re.compile(r"(AND|OR)\b")
INSTANT: Final = "dateLastModified"


class Minor(StrEnum):
    """Why a request is refused, in the standard's words (imsx_codeMinor)."""

    INVALID = "invaliddata"
    FILTER = "invalid_filter_field"
    SELECTION = "invalid_selection_field"
    BLANK_SELECTION = "invalid_blank_selection_field"
    UNAUTHORISED = "unauthorisedrequest"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknownobject"
    BUSY = "server_busy"


@dataclass
class BadQuestionError(Exception):
    """A question that cannot be answered."""

    minor: Minor
    message: str

    def __str__(self) -> str:
        """Return the message for the programmer at the other end."""
        return self.message


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison of a filter: a field (dotted where it is nested), a predicate, a value."""

    field: str
    predicate: str
    value: str

    def holds(self, resource: Resource) -> bool:
        """Say whether a resource meets the comparison; of a list, one element that does is enough (none for !=)."""
        found = [str(one) for one in _values(resource, self.field.split("."))]
        if self.predicate == "!=":
            return all(one != self.value for one in found)
        if self.predicate == "~":
            return any(fold(self.value) in fold(one) for one in found)
        return any(_COMPARE[self.predicate](one, self.value) for one in found)


_COMPARE: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "=": lambda one, other: one == other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
}


def _values(found: object, path: Sequence[str]) -> list[object]:
    if isinstance(found, list):
        return [value for one in found for value in _values(one, path)]
    if not path:
        return [found]
    if isinstance(found, dict) and path[0] in found:
        return _values(found[path[0]], path[1:])
    return []


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a collection. `clauses` are parted by one `joint`: AND or OR."""

    limit: int = USUAL_LIMIT
    offset: int = 0
    sort: str = ""
    descending: bool = False
    clauses: tuple[Clause, ...] = ()
    joint: str = "AND"
    fields: tuple[str, ...] = ()

    def keeps(self, resource: Resource) -> bool:
        """Say whether a resource meets the filter."""
        meet = all if self.joint == "AND" else any
        return not self.clauses or meet(clause.holds(resource) for clause in self.clauses)


def question_of(args: Mapping[str, str], known: frozenset[str]) -> Question:
    """Return what the arguments of an address ask; `known` are the fields that the resources may have.

    Raises BadQuestionError. A field to sort by that is not known is no reason to refuse (the standard says so).
    """
    clauses, joint = clauses_of(args.get("filter", ""), known)
    sort = args.get("sort", "")
    return Question(
        limit=min(_number(args, "limit", USUAL_LIMIT, 1), LARGEST_LIMIT),
        offset=min(_number(args, "offset", 0, 0), LARGEST_OFFSET),
        sort=sort if sort.split(".")[0] in known else "",
        descending=args.get("orderBy", "asc").lower() == "desc",
        clauses=clauses,
        joint=joint,
        fields=fields_of(args, known),
    )


def fields_of(args: Mapping[str, str], known: frozenset[str]) -> tuple[str, ...]:
    """Return the fields that are asked for, () for all; raise BadQuestionError for one that there is not."""
    if "fields" not in args:
        return ()
    found = tuple(name.strip() for name in args["fields"].split(","))
    if not all(found):
        raise BadQuestionError(Minor.BLANK_SELECTION, "The parameter 'fields' names an empty field.")
    if unknown := sorted(set(found) - known):
        raise BadQuestionError(Minor.SELECTION, f"There is no field '{unknown[0][:60]}'.")
    return found


def _number(args: Mapping[str, str], name: str, usual: int, least: int) -> int:
    text = args.get(name, "")
    if not text:
        return usual
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < least:
        raise BadQuestionError(Minor.INVALID, f"The parameter '{name}' is not a number of {least} or more.")
    return int(text)


def clauses_of(text: str, known: frozenset[str]) -> tuple[tuple[Clause, ...], str]:
    """Return the comparisons of a filter and how they are joined; raise BadQuestionError."""
    if not text:
        return (), "AND"
    if len(text) > LONGEST_FILTER:
        raise BadQuestionError(Minor.FILTER, "The filter is too long.")
    clauses: list[Clause] = []
    joints: set[str] = set()
    at = 0
    while True:
        match = _CLAUSE.match(text, at)
        if match is None:
            raise BadQuestionError(Minor.FILTER, "A filter reads: field='value' AND field>'value'.")
        clauses.append(_clause(match, known))
        at = match.end()
        if at == len(text):
            break
        joint = _JOINT.match(text, at)
        if joint is None or len(joints | {joint[1]}) > 1:
            raise BadQuestionError(Minor.FILTER, "A filter is joined by AND, or by OR, throughout.")
        joints.add(joint[1])
        at = joint.end()
    return tuple(clauses), next(iter(joints), "AND")


def _clause(match: re.Match[str], known: frozenset[str]) -> Clause:
    field, predicate, value = match.groups()
    if field.split(".")[0] not in known:
        raise BadQuestionError(Minor.FILTER, f"There is no field '{field}'.")
    return Clause(field, predicate, _instant(value) if field == INSTANT else value)


def _instant(value: str) -> str:
    """Return an instant as it stands in resources, so that texts compare as instants do."""
    try:
        found = datetime.fromisoformat(value)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadQuestionError(Minor.FILTER, f"'{value[:40]}' is not an ISO 8601 instant.") from error
    return found.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def answered(resources: Sequence[Resource], asked: Question) -> tuple[list[Resource], int]:
    """Return the page that is asked for, and how many resources meet the filter in all."""
    found = [one for one in resources if asked.keeps(one)]
    if asked.sort:
        path = asked.sort.split(".")
        found.sort(key=lambda one: [str(value) for value in _values(one, path)], reverse=asked.descending)
    page = found[asked.offset : asked.offset + asked.limit]
    return [chosen(one, asked.fields) for one in page], len(found)


def chosen(resource: Resource, fields: Sequence[str]) -> Resource:
    """Return a resource with those fields alone that are asked for; () is all."""
    return {name: value for name, value in resource.items() if name in fields} if fields else resource


def page_links(address: str, args: Mapping[str, str], asked: Question, total: int) -> str:
    """Return the Link header (RFC 8288) to the next, former, first and last page."""
    last = max(0, (total - 1) // asked.limit * asked.limit)
    places = {"first": 0, "last": last}
    if asked.offset + asked.limit < total:
        places["next"] = asked.offset + asked.limit
    if asked.offset > 0:
        places["prev"] = max(0, asked.offset - asked.limit)
    return ", ".join(
        f'<{address}?{urlencode({**args, "limit": asked.limit, "offset": offset})}>; rel="{name}"'
        for name, offset in places.items()
    )
