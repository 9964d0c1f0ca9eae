"""`python -m bench`: measure, print a table, and write bench/results/<date>.json with the machine noted."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app import clock
from bench import gates, pages, phones, registers, reports, rosters, rounds, storage, suppression, timetables

if TYPE_CHECKING:
    from collections.abc import Callable

RESULTS: Final = Path(__file__).resolve().parent / "results"
DIST: Final = Path(__file__).resolve().parent.parent / "app" / "static" / "dist"
SIZES: Final = (1, 10, 40)
"""Classes of forty-five: 45, 450 and 1,800 pupils."""


OTHERS: Final[dict[str, tuple[Callable[[Any], dict[str, Any]], str | tuple[str, ...], str]]] = {
    "registers": (
        registers.measure,
        "SAVES",
        "so many saves of a register, alone and with eight teachers",
    ),
    "gate": (gates.measure, "SCANS", "so many scans of cards at four gates, one to a message and fifty"),
    "reports": (
        reports.measure,
        ("pilot", "province", "here"),
        "freshness, pages and a year again of a new demonstration, or of the one that INSTANCE and DATABASE_URL name",
    ),
    "timetable": (timetables.measure, "CLASSES", "a day of the timetable of a school with so many classes"),
    "rosters": (rosters.measure, "SCHOOLS", "the import of a file for each of so many schools"),
    "pages": (
        pages.measure,
        "REQUESTS",
        "every page of the demonstration of INSTANCE and DATABASE_URL with so many requests",
    ),
    "storage": (
        storage.measure,
        "RUNS",
        "the room that registers take, and a province's two questions, asked so often, of INSTANCE and DATABASE_URL",
    ),
    "phone": (
        phones.measure,
        "RUNS",
        "a pupil's page and a register sheet on a slow phone, so many times each",
    ),
    "suppression": (
        suppression.measure,
        "TABLES",
        "the disclosure control beside Tau-Argus on generated tables",
    ),
}
"""What is measured instead of rounds of lessons: {flag: (work, what its number counts or its choices, help)}."""


def main() -> None:
    """Run what was asked for."""
    asked = _parser().parse_args()
    for name, (work, _counted, _words) in OTHERS.items():
        if wanted := getattr(asked, name):
            about = {"at": clock.now().isoformat(timespec="seconds"), "machine": machine()}
            _write(about | work(wanted), f"{name}-")
            return
    found = rounds.measure(asked.classes, asked.rounds)
    bundles = bundle_sizes()
    print_table(found, bundles)
    report: dict[str, Any] = {
        "at": clock.now().isoformat(timespec="seconds"),
        "machine": machine(),
        "rounds": asked.rounds,
        "lessons": rounds.as_plain(found),
        "bundles_gzip_bytes": bundles,
    }
    _write(report)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30, help="measured rounds of each size (default 30)")
    parser.add_argument(
        "--classes", type=int, nargs="+", default=SIZES, help="classes of 45 (default 1 10 40)"
    )
    for name, (_work, counted, words) in OTHERS.items():
        how: dict[str, Any] = (
            {"type": int, "metavar": counted} if isinstance(counted, str) else {"choices": counted}
        )
        parser.add_argument(f"--{name}", help=f"measure instead {words}", **how)
    return parser


def _write(report: dict[str, Any], prefix: str = "") -> None:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{prefix}{clock.now():%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    print(f"\n{path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


def print_table(found: list[rounds.Rounds], bundles: dict[str, int]) -> None:
    """Print what was measured, for people."""
    print("From asking to the last durable acknowledgement, in milliseconds (the yardstick stores nothing)\n")
    print(
        f"{'server':16}{'pupils':>8}{'median':>9}{'fastest':>9}{'p90':>9}{'cpu':>9}{'answers/s':>11}{'kB/pupil':>10}"
        f"{'back':>9}{'page p95':>10}"
    )
    for row in found:
        per_second = row.pupils / row.median * 1000
        print(
            f"{row.server:16}{row.pupils:>8}{row.median:>9.1f}{row.fastest:>9.1f}{row.p90:>9.1f}"
            f"{row.processor:>9.1f}{per_second:>11.0f}{row.memory_per_pupil:>10.1f}"
            f"{row.reconnecting:>9.0f}{row.http_p95 if row.http_p95 is not None else '':>10}"
        )
    print(
        "\nback: until at most 500 devices, cut off and back in one moment, are in step; page p95: while all answer"
    )
    print("\nWhat a page loads, gzip")
    for name, size in bundles.items():
        print(f"{name:56}{size / 1000:>8.1f} kB")


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def bundle_sizes() -> dict[str, int]:
    """Return {entry: bytes over the wire} for script and styles of each entry of the built front end."""
    manifest_file = DIST / ".vite" / "manifest.json"
    if not manifest_file.exists():
        return {}
    manifest = json.loads(manifest_file.read_text())
    entries = sorted(name for name, chunk in manifest.items() if chunk.get("isEntry"))
    return {name: sum(_weight(file) for file in _files(manifest, name)) for name in entries}


def _files(manifest: dict[str, Any], name: str) -> set[str]:
    chunk = manifest[name]
    found = {chunk["file"], *chunk.get("css", ())}
    for needed in chunk.get("imports", ()):
        found |= _files(manifest, needed)
    return found


def _weight(file: str) -> int:
    return len(gzip.compress((DIST / file).read_bytes(), 9))


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []


if __name__ == "__main__":
    main()
