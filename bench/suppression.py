"""Our suppression patterns beside those of Tau-Argus (pytauargus, optimal method) on generated tables of pupils.

Tau-Argus is asked for the same: a cell of 1 to 9 pupils must be able to lie anywhere between 0 and 10 at least. Both
patterns then go through our attacker, who knows neither method. Printed: how many patterns leave a small class open,
how many cells and how many pupils each withholds. Tau-Argus protects the small cells alone; our rule also asks that no
other withheld cell is found out, so ours may cost more, and must never be broken.
"""

from __future__ import annotations

import random
import re
import tempfile
import time
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reports.attacker.rules import audit
from reports.disclosure.rules import Key, Kind, Measure, Rule, Table, protect

if TYPE_CHECKING:
    from collections.abc import Mapping

MEASURES: Final = (Measure("pupils", Kind.PERSONS),)
RULE: Final = Rule()
SEED: Final = 20261128
HIDDEN: Final = frozenset("UM")
"""What Tau-Argus calls a cell that is withheld: unsafe itself, or for another's sake."""


@dataclass(slots=True)
class Score:
    """What one method did over all tables; `open_small`: tables in which a small class can be bounded too tightly."""

    tables: int = 0
    open_small: int = 0
    open_any: int = 0
    small: int = 0
    cells: int = 0
    pupils: int = 0
    seconds: float = 0.0

    def add(self, table: Table, withheld: frozenset[Key], seconds: float) -> None:
        """Have a pattern attacked and count it. Only classes are counted: a school's own cell is their sum."""
        published = {key: None if key in withheld else counts for key, counts in table.counts.items()}
        weak = {bound.key for bound in audit(published, MEASURES, RULE).bounds if not bound.holds}
        leaves = [key for key in withheld if key not in table.children]
        self.tables += 1
        self.open_small += any(table.is_primary(key, RULE) for key in weak)
        self.open_any += bool(weak)
        self.small += sum(table.is_primary(key, RULE) for key in leaves)
        self.cells += len(leaves)
        self.pupils += sum(table.counts[key]["pupils"] for key in leaves)
        self.seconds += seconds


def measure(tables: int) -> dict[str, Any]:
    """Protect so many generated tables in both ways, print and return the scores."""
    chosen = random.Random(SEED)
    ours, theirs = Score(), Score()
    pairs = []
    while ours.tables < tables:
        table = _generated(chosen, schools=chosen.choice((1, 1, 1, 2, 4)))
        if not any(table.is_primary(key, RULE) for key in table.counts):
            continue
        started = time.perf_counter()
        pattern = protect(table, RULE).withheld
        ours.add(table, pattern, time.perf_counter() - started)
        started = time.perf_counter()
        optimal = _tau_argus(table)
        theirs.add(table, optimal, time.perf_counter() - started)
        pairs.append(pattern == optimal)
    for name, score in (("ours", ours), ("Tau-Argus OPT", theirs)):
        _tell(name, score)
    print(f"the same pattern in {sum(pairs)} of {len(pairs)} tables")
    print(
        f"ours over theirs: cells x{ours.cells / theirs.cells:.2f}, pupils x{ours.pupils / theirs.pupils:.2f}"
    )
    if ours.open_any:
        message = f"{ours.open_any} of our patterns can be broken"
        raise AssertionError(message)
    return {"ours": _plain(ours), "tau_argus": _plain(theirs), "same": sum(pairs)}


def _generated(chosen: random.Random, schools: int) -> Table:
    """Return a table of classes, of one school or of several below one top, with few or with many small classes."""
    leaves: dict[Key, int] = {}
    small = chosen.choice((0.08, 0.2, 0.5))
    for school in range(schools):
        for number in range(chosen.randint(2, 16 if schools == 1 else 6)):
            size = chosen.randint(1, 9) if chosen.random() < small else chosen.randint(11, 45)
            leaves[(f"S{school}", f"C{school}{number:02d}")[schools == 1 :]] = size
    counts: dict[Key, dict[str, int]] = {}
    for key, size in leaves.items():
        for depth in range(len(key) + 1):
            cell = counts.setdefault(key[:depth], {"pupils": 0})
            cell["pupils"] += size
    return Table(MEASURES, counts)


def _tau_argus(table: Table) -> frozenset[Key]:
    """Return what Tau-Argus withholds. One record a pupil; protection levels are set cell by cell (its "a priori")."""
    from pytauargus import protect as argus  # noqa: PLC0415 - a program of its own, in the development lock only
    from pytauargus.engine import run_batch  # noqa: PLC0415
    from pytauargus.result import TableResult  # noqa: PLC0415

    leaves = {key: counts["pupils"] for key, counts in table.counts.items() if key not in table.children}
    records = [{"unit": key[-1], "one": 1} for key, size in leaves.items() for _pupil in range(size)]
    with tempfile.TemporaryDirectory() as folder, chdir(folder):  # its solver writes its logs where it stands
        tree = _tree(table, Path(folder))
        asked = argus(
            records, ["unit"], response="one", safety_rules="FREQ(10,30)", suppress="OPT(1)", workdir=folder,
            run=False, hrc={"unit": str(tree)} if tree else None, hierleadstring="@" if tree else None,
        )  # fmt: skip
        batch = Path(asked.files["arb"])
        levels = _levels(table, Path(folder))
        batch.write_text(re.sub(r"(<SUPPRESS>)", rf'<APRIORI> "{levels}",1,";",0,0\n\1', batch.read_text()))
        run_batch(str(batch))
        rows = TableResult(path=asked.files["tab1"], exp_vars=["unit"], response="one", is_freq=False).rows
    by_name = {key[-1] if key else "Total": key for key in table.counts}
    return frozenset(by_name[row["unit"]] for row in rows if row["status"] in HIDDEN)


def _tree(table: Table, folder: Path) -> Path | None:
    """Write the hierarchy as Tau-Argus reads it; None where there are classes alone."""
    schools = [key for key in table.children if key]
    if not schools:
        return None
    lines = [
        line for key in schools for line in (key[0], *(f"@{child[-1]}" for child in table.children[key]))
    ]
    path = folder / "tree.hrc"
    path.write_text("\n".join(lines) + "\n")
    return path


def _levels(table: Table, folder: Path) -> Path:
    """Write, for each cell of 1 to 9 pupils, that it must be able to lie anywhere between 0 and the threshold."""
    small = {
        key: counts["pupils"] for key, counts in table.counts.items() if table.is_primary(key, RULE) and key
    }
    lines = [f"{key[-1]};U" for key in small]
    lines += [f"{key[-1]};PL;{size};{RULE.threshold - size}" for key, size in small.items()]
    path = folder / "levels.hst"
    path.write_text("\n".join(lines) + "\n")
    return path


def _tell(name: str, score: Score) -> None:
    print(
        f"{name:14} tables {score.tables}, a small class open in {score.open_small}, any withheld cell open in "
        f"{score.open_any}; withheld {score.cells} classes ({score.small} of them small) with {score.pupils} "
        f"pupils; {score.seconds:.2f} s"
    )


def _plain(score: Score) -> Mapping[str, float]:
    return {name: getattr(score, name) for name in score.__slots__}
