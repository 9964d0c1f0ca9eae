"""`python -m bench`: measure, print a table, and write bench/results/<date>.json with the machine noted."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
from pathlib import Path
from typing import Any, Final

from app import clock
from bench import gates, pages, phones, registers, reports, rosters, rounds, suppression, timetables

RESULTS: Final = Path(__file__).resolve().parent / "results"
DIST: Final = Path(__file__).resolve().parent.parent / "app" / "static" / "dist"
SIZES: Final = (1, 10, 40)
"""Classes of forty-five: 45, 450 and 1,800 pupils."""


def main() -> None:
    """Run what was asked for."""
    asked = _parser().parse_args()
    for name, wanted, work in (
        ("registers", asked.registers, registers.measure),
        ("gate", asked.gate, gates.measure),
        ("reports", asked.reports, reports.measure),
        ("timetable", asked.timetable, timetables.measure),
        ("rosters", asked.rosters, rosters.measure),
        ("pages", asked.pages, pages.measure),
        ("phone", asked.phone, phones.measure),
        ("suppression", asked.suppression, suppression.measure),
    ):
        if wanted:
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
    parser.add_argument(
        "--rosters",
        type=int,
        metavar="SCHOOLS",
        help="measure instead the import of a file for each of so many schools",
    )
    parser.add_argument(
        "--registers",
        type=int,
        metavar="SAVES",
        help="measure instead so many saves of a register, alone and with eight teachers",
    )
    parser.add_argument(
        "--suppression",
        type=int,
        metavar="TABLES",
        help="compare instead the disclosure control with Tau-Argus on so many generated tables",
    )
    parser.add_argument(
        "--gate",
        type=int,
        metavar="SCANS",
        help="measure instead so many scans of cards at four gates, one to a message and fifty",
    )
    parser.add_argument(
        "--timetable",
        type=int,
        metavar="CLASSES",
        help="measure instead a day of the timetable of such a school",
    )
    parser.add_argument(
        "--phone",
        type=int,
        metavar="RUNS",
        help="measure instead a pupil's page on a slow phone, so many times each",
    )
    parser.add_argument(
        "--reports",
        choices=("pilot", "province", "here"),
        help="measure instead reports on a new demonstration, or on the one of INSTANCE and DATABASE_URL (here): "
        "freshness, pages, a year again, beside SQL and pandas",
    )
    parser.add_argument(
        "--pages",
        type=int,
        metavar="REQUESTS",
        help="measure instead every page of the demonstration of INSTANCE and DATABASE_URL with so many requests",
    )
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
