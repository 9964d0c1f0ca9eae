"""Attempts that were refused, a line each in the process's log: what an operator looks through after a bad night.

They are not in the audit log: strangers could fill that, and it never forgets. Nothing typed is written down, for a
password is soon typed into the wrong field; and each line is JSON, so that nobody forges one (ASVS 5.0, 16.3 and 16.4).
"""

from __future__ import annotations

import json
import logging
import sys
import time
from enum import StrEnum
from typing import Final

from flask import g, has_request_context, request

log = logging.getLogger("bangxanh.refused")
LINE: Final = "%(asctime)sZ %(levelname)s %(name)s: %(message)s"


class Attempt(StrEnum):
    """What was tried."""

    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    FORBIDDEN = "forbidden"
    FORGED_FORM = "forged_form"
    TOO_OFTEN = "too_often"


def note_refused(what: Attempt, **details: object) -> None:
    """Write down that something was refused: to whom, where from, and what the caller adds (ids, never input)."""
    told: dict[str, object] = {"what": what.value}
    if has_request_context():
        actor = g.get("actor")
        told |= {"user": actor.user_id if actor else None, "endpoint": request.endpoint}
        told |= {"method": request.method, "address": request.remote_addr}
    log.warning(json.dumps(told | details))


def write_log_lines() -> None:
    """Have everything of this process that is worth a warning written to stderr, with the time in UTC."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter(LINE, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.getLogger().addHandler(handler)
