"""Sending what waits, in order, and reading back what the hub holds. The hub may be away for weeks."""

from __future__ import annotations

import json
import logging
import random
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

import requests

from app import clock, db
from reports.envelope.rules import CONTENT_TYPE, EnvelopeError, Receipt, SliceAddress, slice_key
from reports.exchange.commands import Claim, Outcome, claim_next, reconcile, settle
from reports.exchange.queries import delivered_slices, envelope_of, has_waiting
from reports.exchange.rules import Failure, SliceState, is_transient, parse_retry_after, wait_before_retry
from reports.signatures.rules import Message, SigningKey, sign

if TYPE_CHECKING:
    from datetime import timedelta

log = logging.getLogger(__name__)
SLICES_PATH: Final = "/hub/v1/slices"
TIMEOUT_SECONDS: Final = (5, 30)


@dataclass(frozen=True, slots=True)
class HubLink:
    """Where the hub is, who we are there, and the key we sign with."""

    address: str
    sender: str
    key: SigningKey


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub answered; `status` None means that there was no answer."""

    status: int | None
    body: bytes = b""
    retry_after: timedelta | None = None


def deliver_due(link: HubLink) -> int:
    """Send the waiting slices one after the other until one has to wait; return how many arrived."""
    arrived = 0
    while has_waiting(db.session()):
        db.session().commit()  # no read transaction stays open while the hub thinks
        claim = claim_next()
        if claim is None:
            break
        outcome = _send(link, claim)
        settle(claim, outcome)
        if outcome.state is SliceState.QUEUED:
            log.info("slice %s waits %s: %s", claim.row.id, outcome.wait, outcome.failure)
            break
        arrived += outcome.state is SliceState.RECEIVED
    db.session().commit()
    return arrived


def reconcile_with_hub(link: HubLink) -> int | None:
    """Read back the hashes that the hub holds and compare; return how many differ, None when it does not answer."""
    rows = delivered_slices(db.session())
    db.session().commit()
    if not rows:
        return 0
    answer = _exchange(link, Message("GET", urljoin(link.address + "/", SLICES_PATH[1:])), b"")
    held = _held(answer)
    return None if held is None else reconcile(held, rows)


def _send(link: HubLink, claim: Claim) -> Outcome:
    row = claim.row
    body = envelope_of(row, link.sender)
    key = slice_key(SliceAddress(row.dataset, row.organisation, row.period), row.sequence, row.sha256)
    headers = {"Content-Type": CONTENT_TYPE, "Idempotency-Key": key}
    answer = _exchange(link, Message("POST", urljoin(link.address + "/", SLICES_PATH[1:]), headers), body)
    if answer.status == HTTPStatus.OK:
        return _received(answer, key, row.sha256)
    if is_transient(answer.status):
        wait = wait_before_retry(row.attempts, random.random(), answer.retry_after)  # noqa: S311 - jitter, no secret
        failure = Failure.NO_ANSWER if answer.status is None else Failure.BUSY
        return Outcome(SliceState.QUEUED, failure, answer.status, wait=wait)
    return Outcome(SliceState.FAILED, _failure_in(answer), answer.status)


def _received(answer: Answer, key: str, sha256: str) -> Outcome:
    try:
        receipt = Receipt.from_json(json.loads(answer.body))
    except (ValueError, EnvelopeError):
        return Outcome(SliceState.SENT, Failure.UNREADABLE_RECEIPT, answer.status)
    if (receipt.slice_key, receipt.sha256) != (key, sha256):
        return Outcome(SliceState.SENT, Failure.UNREADABLE_RECEIPT, answer.status)
    return Outcome(SliceState.RECEIVED, None, answer.status, receipt)


def _failure_in(answer: Answer) -> Failure:
    """Return the reason that the hub names, or REFUSED when it names none that we know."""
    try:
        return Failure(json.loads(answer.body)["error"])
    except (ValueError, KeyError, TypeError):
        return Failure.REFUSED


def _exchange(link: HubLink, message: Message, body: bytes) -> Answer:
    """Sign a message as of now, send it, and read the answer; every network trouble is "no answer"."""
    message.headers.setdefault("Accept", "application/json")
    sign(message, body, link.key, clock.now())
    try:
        response = requests.request(
            message.method,
            message.url,
            data=body,
            headers=message.headers,
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,  # the signature is for this address
        )
    except (requests.RequestException, OSError) as error:
        log.info("no answer from %s: %r", link.address, error)
        return Answer(None)
    wait = parse_retry_after(response.headers.get("Retry-After"), clock.now())
    return Answer(response.status_code, response.content, wait)


def _held(answer: Answer) -> dict[SliceAddress, tuple[int, str]] | None:
    if answer.status != HTTPStatus.OK:
        return None
    try:
        rows: list[Any] = json.loads(answer.body)["slices"]
        return {
            SliceAddress(row["dataset"], row["organisation"], row["period"]): (row["sequence"], row["sha256"])
            for row in rows
        }
    except (ValueError, KeyError, TypeError):
        log.warning("the hub's list of slices could not be read")
        return None
