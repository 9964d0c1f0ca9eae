"""How long work takes by the clock, once or often."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def seconds_of(work: Callable[[], object]) -> float:
    """Return how many seconds work takes."""
    begun = time.perf_counter()
    work()
    return round(time.perf_counter() - begun, 3)


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Return the median and the 95th percentile of some seconds, in milliseconds."""
    ordered = sorted(seconds)
    return {
        "p50_ms": round(1000 * statistics.median(ordered), 1),
        "p95_ms": round(1000 * ordered[int(0.95 * (len(ordered) - 1))], 1),
    }
