"""Compares what is read with what was drawn: `python -m tests.app.intake.making FIRST END [KIND] [FOLDER]`."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from app.intake.commands.imports import read_content
from app.intake.rules.rows import Roster, UnreadableFileError
from app.text import natural_key
from tests.app.intake.making.drawing import Drawn, drawn


def told(one: Drawn) -> str | None:
    """Return what is read otherwise than it was drawn, None for nothing."""
    try:
        roster = read_content(one.content, 2026)
    except UnreadableFileError as error:
        return f"REFUSED {error}"
    assert isinstance(roster, Roster)
    found: list[tuple[object, ...]] = [
        (
            row.code,
            row.full_name,
            row.birth_date,
            row.sex and row.sex.value,
            natural_key(row.class_name),
            row.ethnicity and row.ethnicity.name,
        )
        for row in roster.pupils
    ]
    wanted: list[tuple[object, ...]] = [(*child[:4], natural_key(child[4]), child[5]) for child in one.wanted]
    lost, more = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    if not lost and not more and not roster.bad:
        return None
    errors = [(error.row, error.column, str(error.message)[:90]) for error in roster.errors]
    kind = "SILENT" if len(errors) < sum(lost.values()) or more else "BAD"
    return f"{kind} lost {list(lost)[:2]} more {list(more)[:2]} errors {errors[:2]}"


if __name__ == "__main__":
    first, end = int(sys.argv[1]), int(sys.argv[2])
    kind = sys.argv[3] if len(sys.argv) > 3 else None
    folder = Path(sys.argv[4]) if len(sys.argv) > 4 else None
    differing = 0
    for seed in range(first, end):
        one = drawn(seed, kind)
        said = told(one)
        if said:
            differing += 1
            sys.stdout.write(f"== {one.name} {said}\n   {one.how}\n")
            if folder:
                (folder / one.name).write_bytes(one.content)
    sys.stdout.write(f"{differing} of {end - first} differ\n")
