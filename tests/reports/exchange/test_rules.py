from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reports.exchange.rules import (
    FIRST_WAIT,
    LONGEST_WAIT,
    is_transient,
    parse_retry_after,
    wait_before_retry,
)

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)


def test_only_what_may_go_away_by_itself_is_tried_again() -> None:
    assert all(is_transient(status) for status in (None, 429, 502, 503, 504))
    assert not any(is_transient(status) for status in (200, 400, 401, 404, 409, 413, 422, 500))


@given(attempts=st.integers(1, 10_000), jitter=st.floats(0, 1, exclude_max=True))
def test_waiting_grows_but_never_beyond_an_hour(attempts: int, jitter: float) -> None:
    wait = wait_before_retry(attempts, jitter, None)
    assert FIRST_WAIT / 2 <= wait <= LONGEST_WAIT
    assert wait <= wait_before_retry(attempts + 2, jitter, None)


def test_the_hub_may_ask_for_more_patience() -> None:
    assert wait_before_retry(1, 0.0, timedelta(minutes=10)) == timedelta(minutes=10)
    assert parse_retry_after("120", NOW) == timedelta(minutes=2)
    assert parse_retry_after("Mon, 02 Nov 2026 03:05:00 GMT", NOW) == timedelta(minutes=5)
    assert parse_retry_after("Mon, 02 Nov 2020 03:05:00 GMT", NOW) == timedelta(0)
    assert parse_retry_after("soon", NOW) is None
    assert parse_retry_after(None, NOW) is None
