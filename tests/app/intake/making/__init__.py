"""Makes roster files as people make them: invented children, laid out and written in ways drawn from a seed.

`drawn(seed)` returns a file and whom a person would read in it; the same seed gives the same file. `python -m
tests.app.intake.making 0 2000` compares what the importer reads in files 0 to 1999 and prints every difference.
"""

from tests.app.intake.making.drawing import Drawn, drawn

__all__ = ["Drawn", "drawn"]
