"""`/api/v1/registers` as a part of the OpenAPI 3.1 document. The schemas are what the tests hold the answers to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attendance.programs.rules.asking import KIND_NAMES, MOST_PER_PAGE, NAMES, PER_PAGE, READ, SCOPES, WRITE
from attendance.registers.rules.states import RegisterState

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXT: Final = {"type": "string"}
_MAYBE_TEXT: Final = {"type": ["string", "null"]}
_COUNT: Final = {"type": "integer", "minimum": 0}
_MAYBE_COUNT: Final = {"type": ["integer", "null"], "minimum": 0}
_TRUTH: Final = {"type": "boolean"}
_KEY: Final = {**_TEXT, "description": "sourcedId, the same as in OneRoster."}
_DAY: Final = {**_TEXT, "format": "date"}
_STATES: Final = [one.value for one in RegisterState]


def _object(properties: Mapping[str, Any], *optional: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in properties if name not in optional],
        "properties": dict(properties),
        **more,
    }


_COVERAGE: Final = _object(
    {
        "due": _COUNT,
        "taken": _COUNT,
        "share": {"type": ["number", "null"], "description": "taken / due; null when nothing is due."},
    }
)
_COUNTERS: Final = _object(
    dict.fromkeys(("expected", "present", "excused", "unexcused", "pending", "late", "left_early"), _COUNT),
    description="Null until the register is taken: an untaken register is nobody's presence.",
) | {"type": ["object", "null"]}
_REGISTER: Final[dict[str, Any]] = {
    "id": {"type": "integer", "minimum": 1},
    "day": _DAY,
    "kind": {"enum": list(KIND_NAMES.values())},
    "session": {"enum": ["morning", "afternoon", "evening"]},
    "period": _MAYBE_COUNT,
    "programme_session": {"enum": [1, 2], "description": "Which half of the programme the session is of."},
    "class": _object({"sourcedId": _KEY, "name": _TEXT}),
    "state": {"enum": _STATES},
    "is_taken": _TRUTH,
    "version": {**_COUNT, "description": "Send it as `base` with marks."},
    "counters": _COUNTERS,
}
PAGE_SCHEMA: Final = _object(
    {
        "school": _object({"sourcedId": _KEY, "code": _TEXT, "name": _TEXT}),
        "from": _DAY,
        "to": _DAY,
        "total": _COUNT,
        "page": {"type": "integer", "minimum": 1},
        "pages": {"type": "integer", "minimum": 1},
        "coverage": _COVERAGE,
        "registers": {"type": "array", "items": _object(_REGISTER)},
    }
)
_VALUE: Final = {"minutes_late": _MAYBE_COUNT, "arrived": _MAYBE_TEXT, "left": _MAYBE_TEXT}
_MARK: Final = _object(
    {
        "pupil": _KEY,
        "letter": {**_TEXT, "description": "The letter that counts; empty is present."},
        "teacher": {**_TEXT, "description": "What the teacher wrote."},
        "is_corrected": _TRUTH,
        **_VALUE,
    }
)
_MARKS: Final = {"type": "array", "items": _MARK, "description": "Exceptions only."}
REGISTER_SCHEMA: Final = _object(
    {
        **_REGISTER,
        "coverage": _COVERAGE,
        "codes": {
            "type": "array",
            "items": _object(
                {
                    "letter": _TEXT,
                    "name": _TEXT,
                    **dict.fromkeys(
                        (
                            "is_present",
                            "is_authorised",
                            "is_pending",
                            "is_late",
                            "is_early_leave",
                        ),
                        _TRUTH,
                    ),
                }
            ),
        },
        "pupils": {
            "type": "array",
            "items": _object(
                {"sourcedId": _KEY, "name": _TEXT, "code": _MAYBE_TEXT},
                "name",
                "code",
                description=f"name and ministry code only with the scope {NAMES}.",
            ),
        },
        "marks": _MARKS,
    }
)
_CONFLICT: Final = _object(
    {
        "operation": _TEXT,
        "pupil": _MAYBE_TEXT,
        "refusal": {"enum": ["changed", "not_in_class"]},
        "yours": _object({"letter": _TEXT, **_VALUE}),
        "current": _object({"letter": _TEXT, **_VALUE}),
        "at": _MAYBE_TEXT,
    }
)
SAVED_SCHEMA: Final = _object(
    {
        "version": _COUNT,
        "state": {"enum": _STATES},
        "marks": _MARKS,
        "conflicts": {"type": "array", "items": _CONFLICT},
    }
)
_ID: Final = {**_TEXT, "minLength": 8, "maxLength": 40}
WRITING_SCHEMA: Final = _object(
    {
        "id": {**_ID, "description": "Made by the program: the same again has one effect."},
        "base": _COUNT,
        "operations": {
            "type": "array",
            "minItems": 1,
            "maxItems": 200,
            "items": _object(
                {"id": _ID, "pupil": _KEY, "letter": _TEXT, "base": _COUNT, **_VALUE, "at": _TEXT},
                "minutes_late",
                "arrived",
                "left",
                "at",
            ),
        },
    }
)


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _asked(name: str, description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": dict(schema),
    }


_REGISTER_ID: Final = {
    "name": "register_id",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}
_KNOWN_TAG: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an earlier answer.",
    "schema": _TEXT,
}
_REFUSALS: Final = {
    "401": {"description": "No valid token."},
    "403": {"description": "The token lacks the scope; `fields` names it."},
    "404": {"description": "The program's school has no such thing."},
    "422": {"description": "Something is wrong; `fields` names it."},
    "429": {"description": "Too many requests of this program; `Retry-After` says how long to wait."},
}
_TAGGED: Final = {"ETag": {"schema": _TEXT}}
REGISTERS: Final[dict[str, Any]] = {
    "paths": {
        "/api/v1/registers": {
            "get": {
                "operationId": "readRegisters",
                "summary": "Registers of the program's school, by day, slot and class.",
                "security": [{"program": [READ]}],
                "parameters": [
                    _asked("school", "Code of the school: only the program's own is found.", _TEXT),
                    _asked("from", "The first day; today if left out.", _DAY),
                    _asked("to", "The day after the last; the day after the first if left out.", _DAY),
                    _asked("class", "sourcedId of a class.", _TEXT),
                    _asked("kind", "Only sessions or only periods.", {"enum": ["session", "period"]}),
                    _asked("state", "Only registers that stand like this.", {"enum": _STATES}),
                    _asked("page", "From 1.", {"type": "integer", "minimum": 1, "default": 1}),
                    _asked(
                        "per_page",
                        "Registers of a page.",
                        {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": PER_PAGE},
                    ),
                    _KNOWN_TAG,
                ],
                "responses": {
                    "200": {
                        "description": "A page. Header Link names the next one.",
                        "headers": {**_TAGGED, "Link": {"schema": _TEXT}},
                        "content": _json(PAGE_SCHEMA),
                    },
                    "304": {"description": "As it was."},
                    **_REFUSALS,
                },
            }
        },
        "/api/v1/registers/{register_id}": {
            "get": {
                "operationId": "readRegister",
                "summary": "One register: roster, marks, counters.",
                "security": [{"program": [READ]}],
                "parameters": [_REGISTER_ID, _KNOWN_TAG],
                "responses": {
                    "200": {
                        "description": "The register.",
                        "headers": _TAGGED,
                        "content": _json(REGISTER_SCHEMA),
                    },
                    "304": {"description": "As it was."},
                    **_REFUSALS,
                },
            }
        },
        "/api/v1/registers/{register_id}/marks": {
            "post": {
                "operationId": "writeMarks",
                "summary": "Write marks. A program never submits a register: that is for a person.",
                "security": [{"program": [WRITE]}],
                "parameters": [_REGISTER_ID],
                "requestBody": {"required": True, "content": _json(WRITING_SCHEMA)},
                "responses": {
                    "200": {"description": "All is stored.", "content": _json(SAVED_SCHEMA)},
                    "409": {
                        "description": (
                            "Some pupils were changed by somebody else after `base`: `current.conflicts` has both "
                            "values, the other marks are stored. Or the register is closed: nothing is stored."
                        )
                    },
                    **_REFUSALS,
                },
            }
        },
    },
    "components": {
        "securitySchemes": {
            "program": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": "/api/v1/token",
                        "scopes": {
                            READ: "Read registers, marks and counters; pupils by sourcedId.",
                            NAMES: "Names and ministry codes of pupils too.",
                            WRITE: "Write marks.",
                        },
                    }
                },
            }
        }
    },
}
TOKEN: Final[dict[str, Any]] = {
    "paths": {
        "/api/v1/token": {
            "post": {
                "operationId": "takeToken",
                "summary": "A token of an hour for a program that knows its secret (RFC 6749, 4.4).",
                "security": [],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {
                                "type": "object",
                                "required": ["grant_type"],
                                "properties": {
                                    "grant_type": {"const": "client_credentials"},
                                    "scope": {**_TEXT, "examples": list(SCOPES)},
                                    "client_id": _TEXT,
                                    "client_secret": _TEXT,
                                },
                            }
                        }
                    },
                },
                "responses": {
                    "200": {"description": "access_token, expires_in, scope"},
                    "400": {
                        "description": "Not a client credentials grant, or a scope that was not granted."
                    },
                    "401": {"description": "No such client, or not its secret."},
                    "429": {"description": "Too many requests."},
                },
            }
        }
    },
}
