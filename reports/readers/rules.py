"""The interface for reading, as an OpenAPI 3.1 document, and the questions that may be asked of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from app.i18n import N_
from app.parameters import page_asked, require_known, wrong_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

MOST_PER_PAGE: Final = 1000
PER_PAGE: Final = 200
LONGEST_VALIDITY: Final = 400
"""Days for which a key may be valid at most: somebody looks at it once a year."""
KEY_PREFIX: Final = "bxr_"
CLIENT_PREFIX: Final = "bxr-"
READ: Final = "indicators.read"
SCOPES: Final = {READ: N_("đọc chỉ tiêu đã che số nhỏ")}
"""What a program is granted: one whose key is for a unit, or a school's own that the principal lets read figures."""
TOKEN_GOOD_FOR: Final = timedelta(hours=1)
LONGEST_NUMBER: Final = 9
_KNOWN: Final = frozenset({"place", "period", "as_of", "indicator", "status", "page", "per_page"})
_STATUSES: Final = frozenset({"", "final", "provisional", "withheld"})


def hash_of(token: str) -> str:
    """Return the SHA-256 of a key, in hex: the only thing of it that is stored. Keys have 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Reader:
    """A program that reads: its OAuth client id, its name, and the unit at and below which it may.

    `key_id` is None for a school's own program, which has no key of this feature.
    """

    client_id: str
    name: str
    unit_id: int
    key_id: int | None = None


def client_id_of(key_id: int) -> str:
    """Return the OAuth client id of a key; the key itself is its secret."""
    return f"{CLIENT_PREFIX}{key_id}"


def key_id_of(client_id: str) -> int | None:
    """Return the key that a client id names, None for any other text."""
    number = client_id.removeprefix(CLIENT_PREFIX)
    if client_id == number or not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER):
        return None
    return int(number)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for: a place and a period, and of their rows which ones and which page (from 1)."""

    place: str
    period: str
    as_of: str
    indicators: frozenset[str]
    status: str
    page: int
    per_page: int

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> Question:
        """Read a query; raises InvalidError naming the parameter at fault. An unknown parameter is an error too."""
        require_known(arguments, _KNOWN)
        codes = frozenset(code for code in arguments.get("indicator", "").split(",") if code)
        page, per_page = page_asked(arguments, PER_PAGE, MOST_PER_PAGE)
        status = "status"
        if arguments.get(status, "") not in _STATUSES:
            raise wrong_parameter(status)
        words = [arguments.get(name, "") for name in ("place", "period", "as_of")]
        return cls(words[0], words[1], words[2], codes, arguments.get("status", ""), page, per_page)

    def chosen(self, answer: Answer) -> list[Mapping[str, Any]]:
        """Return the rows that are asked for, of all pages, in the order of the extract."""
        return [
            row
            for row in answer.content["rows"]
            if (not self.indicators or row["indicator"] in self.indicators)
            and (not self.status or row["status"] == self.status)
        ]


@dataclass(frozen=True, slots=True)
class Answer:
    """An extract as plain values (`Extract.as_json`), its digest, and when it was worked out if not just now."""

    content: Mapping[str, Any]
    sha256: str
    made_at: datetime | None = None


def page_of(question: Question, answer: Answer, day: date) -> dict[str, Any]:
    """Return one page of an extract as plain values; `pages` is at least 1."""
    rows = question.chosen(answer)
    first = (question.page - 1) * question.per_page
    return {
        **{name: value for name, value in answer.content.items() if name != "rows"},
        "sha256": answer.sha256,
        "asked_on": day.isoformat(),
        "total": len(rows),
        "page": question.page,
        "pages": max(1, -(-len(rows) // question.per_page)),
        "rows": rows[first : first + question.per_page],
    }


# --- the document -------------------------------------------------------------------------------------------------

_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_ROW: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        "place_kind", "place", "place_name", "class", "level", "indicator", "version", "unit", "status",
        "schools_counted", "schools",
    ],
    "properties": {
        "place_kind": {"enum": ["province", "district", "ward", "school", "class"]},
        "place": _TEXT,
        "place_name": _TEXT,
        "class": {**_TEXT, "description": "Name of the class; empty for everything else."},
        "level": {"enum": ["", "1", "2", "3"], "description": "1 primary, 2 lower, 3 upper secondary; empty: all."},
        "indicator": _TEXT,
        "version": {"type": "integer", "minimum": 1},
        "unit": {"enum": ["percent", "number", "per_unit"]},
        "status": {"enum": ["final", "provisional", "withheld"]},
        "reason": {"const": "confidential", "description": "Only with status withheld; then there is no number."},
        "numerator": {"type": "integer"},
        "denominator": {"type": ["integer", "null"]},
        "value": {"type": ["number", "null"], "description": "Null where nothing was counted: neither 0 nor 100 %."},
        "coverage": {"type": ["number", "null"], "description": "Share of due sessions whose register was taken."},
        "schools_counted": _COUNT,
        "schools": _COUNT,
    },
}  # fmt: skip
PAGE_SCHEMA: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        "schema", "place", "place_name", "period", "period_first", "period_after_last", "as_of", "asked_on",
        "threshold", "sha256", "total", "page", "pages", "rows",
    ],
    "properties": {
        "schema": _TEXT,
        "place": _TEXT,
        "place_name": _TEXT,
        "period": _TEXT,
        "period_first": {**_TEXT, "format": "date"},
        "period_after_last": {**_TEXT, "format": "date"},
        "as_of": {**_TEXT, "format": "date"},
        "asked_on": {**_TEXT, "format": "date"},
        "threshold": _COUNT,
        "sha256": {**_TEXT, "pattern": "^[0-9a-f]{64}$", "description": "Of the whole extract, not of this page."},
        "total": _COUNT,
        "page": {"type": "integer", "minimum": 1},
        "pages": {"type": "integer", "minimum": 1},
        "rows": {"type": "array", "items": _ROW},
    },
}  # fmt: skip


def _parameter(
    name: str, description: str, schema: Mapping[str, Any], *, is_required: bool = False
) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": is_required,
        "description": description,
        "schema": schema,
    }


OPENAPI: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Bảng Xanh: indicators",
        "version": "1.0.0",
        "description": (
            "Protected figures of a unit and a period. What would describe fewer than ten pupils, and what would let "
            "such a figure be worked out, is withheld. All rows are reachable page by page; nothing is cut."
        ),
    },
    "paths": {
        "/api/v1/indicators": {
            "get": {
                "operationId": "readIndicators",
                "summary": "Figures of a place and of everything below it, for a period.",
                "security": [{"program": [READ]}, {"key": []}],
                "parameters": [
                    _parameter("place", "Code of a province, ward or school.", _TEXT, is_required=True),
                    _parameter(
                        "period",
                        "2026-10, 2026-2027-1 (semester), 2026-2027 (school year).",
                        _TEXT,
                        is_required=True,
                    ),
                    _parameter("as_of", "The organisation as it was on this day; today if left out.", _TEXT),
                    _parameter("indicator", "Codes, with commas between them; all if left out.", _TEXT),
                    _parameter(
                        "status", "Only rows of one status.", {"enum": ["final", "provisional", "withheld"]}
                    ),
                    _parameter("page", "From 1.", {"type": "integer", "minimum": 1, "default": 1}),
                    _parameter(
                        "per_page",
                        "Rows of a page.",
                        {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": PER_PAGE},
                    ),
                    {
                        "name": "If-None-Match",
                        "in": "header",
                        "required": False,
                        "description": "The ETag of an earlier answer.",
                        "schema": _TEXT,
                    },
                ],
                "responses": {
                    "200": {
                        "description": "A page of figures. Header Link names the next one.",
                        "headers": {"ETag": {"schema": _TEXT}, "Link": {"schema": _TEXT}},
                        "content": {"application/json": {"schema": PAGE_SCHEMA}},
                    },
                    "304": {"description": "As it was."},
                    "401": {"description": "No valid token or key."},
                    "403": {"description": "A token without the scope; `fields.scope` names it."},
                    "503": {
                        "description": (
                            "A place of more than twenty schools whose figures are being worked out: ask again after "
                            "Retry-After seconds. Later they are answered at once, and made anew meanwhile: at most a "
                            "quarter of an hour old while registers are being taken, else an hour, of a period that is "
                            "over a day."
                        )
                    },
                    "404": {"description": "No such place within reach of the key, or no such period."},
                    "422": {"description": "A parameter is wrong; `fields` names it."},
                    "429": {
                        "description": "Too many requests with this key; `Retry-After` says how long to wait."
                    },
                },
            }
        }
    },
    "components": {
        "securitySchemes": {
            "program": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": "/api/v1/token",
                        "scopes": {READ: "Read protected figures of the program's unit and below."},
                    }
                },
            },
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "The secret itself, for tools that cannot ask for a token.",
            },
        }
    },
}
