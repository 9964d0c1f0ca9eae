"""Typed payloads: a frozen dataclass built strictly from JSON. Wrong type, size or field: refused, and said where.

A field's limits stand in its annotation: `Annotated[str, Size(1, 200)]`, `Annotated[tuple[int, ...], Size(0, 60)]`,
`Annotated[int, Range(1, 100)]`. A text is cleaned (NFC, no control characters) before it is measured.
"""

from __future__ import annotations

import dataclasses
import types
from dataclasses import MISSING, dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from app.errors import InvalidError
from app.i18n import say
from app.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

P = TypeVar("P")
LONGEST_TEXT: Final = 2_000
LONGEST_LIST: Final = 200
LARGEST_NUMBER: Final = 2**53 - 1
"""Beyond it a number is not the same number in a browser."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many characters a text, or how many entries a list may have, both ends included."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Range:
    """Between which numbers a number must be, both ends included."""

    least: int
    most: int


class WrongError(Exception):
    """A value that does not fit; its text is the path of the field, which grows on the way out."""


def build(kind: type[P], raw: object) -> P:
    """Build the payload, or raise InvalidError naming the first field that does not fit."""
    try:
        read: Callable[[Any], P] = _reader(kind)  # type: ignore[arg-type] # every type form is hashable
        payload = read(raw)
    except WrongError as error:
        where = str(error)
        raise InvalidError(
            say("Dữ liệu gửi lên không hợp lệ: %(field)s.", field=where), {where: where}
        ) from error
    return payload


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401 - a type form of any shape
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass_reader(kind)
    if get_origin(kind) is Annotated:
        inner, *limits = get_args(kind)
        return _limited(inner, limits)
    if get_origin(kind) in {Union, types.UnionType}:
        return _optional(kind)
    return _limited(kind, [])


def _dataclass_reader(kind: type) -> Callable[[Any], Any]:
    hints = get_type_hints(kind, include_extras=True)
    readers = {field.name: _reader(hints[field.name]) for field in dataclasses.fields(kind)}
    required = {
        field.name
        for field in dataclasses.fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }

    names = frozenset(readers)

    def read(raw: Any) -> Any:  # noqa: ANN401 - anything may have been sent
        if not isinstance(raw, dict):
            raise WrongError(kind.__name__)
        if not required <= raw.keys() <= names:
            raise WrongError(_wrong_name(raw, names, required))
        try:
            values = {name: readers[name](value) for name, value in raw.items()}
        except WrongError:
            raise WrongError(_wrong_value(raw, readers)) from None
        return kind(**values)

    return read


def _wrong_name(raw: Mapping[Any, Any], names: frozenset[str], required: set[str]) -> str:
    unknown = [str(name)[:40] for name in raw if name not in names]
    return unknown[0] if unknown else min(required - raw.keys())


def _wrong_value(raw: Mapping[str, Any], readers: Mapping[str, Callable[[Any], Any]]) -> str:
    """Return the path of the first field that does not fit: looked for only when there is one."""
    for name, value in raw.items():
        try:
            readers[name](value)
        except WrongError as error:
            return ".".join(part for part in (name, str(error)) if part)
    raise AssertionError


def _optional(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401 - a union
    (inner,) = (part for part in get_args(kind) if part is not type(None))
    read = _reader(inner)
    return lambda raw: None if raw is None else read(raw)


def _limited(kind: Any, limits: list[Any]) -> Callable[[Any], Any]:  # noqa: ANN401 - a type form
    size = next((limit for limit in limits if isinstance(limit, Size)), None)
    span = next(
        (limit for limit in limits if isinstance(limit, Range)), Range(-LARGEST_NUMBER, LARGEST_NUMBER)
    )
    if kind is str:
        return _text_reader(size or Size(0, LONGEST_TEXT))
    if kind is int:
        return _number_reader(span)
    if kind is bool:
        return _truth
    if get_origin(kind) is tuple:
        return _list_reader(_reader(get_args(kind)[0]), size or Size(0, LONGEST_LIST))
    message = f"payloads have no fields of {kind}"
    raise TypeError(message)


def _text_reader(size: Size) -> Callable[[Any], str]:
    least, most = size.least, size.most
    longest = (
        4 * most + 16
    )  # before cleaning: a decomposed letter may be several characters until it is composed

    def read_text(raw: object) -> str:
        if not isinstance(raw, str) or len(raw) > longest:
            raise WrongError
        text = clean_text(raw)
        if not least <= len(text) <= most:
            raise WrongError
        return text

    return read_text


def _number_reader(span: Range) -> Callable[[Any], int]:
    least, most = span.least, span.most

    def read_number(raw: object) -> int:
        if (
            type(raw) is not int or not least <= raw <= most
        ):  # a truth value is an int's child, and is none here
            raise WrongError
        return raw

    return read_number


def _truth(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise WrongError
    return raw


def _list_reader(read: Callable[[Any], Any], size: Size) -> Callable[[Any], Any]:
    least, most = size.least, size.most

    def read_list(raw: Any) -> tuple[Any, ...]:  # noqa: ANN401 - anything may have been sent
        if not isinstance(raw, list) or not least <= len(raw) <= most:
            raise WrongError
        return tuple([read(entry) for entry in raw])

    return read_list
