"""What is missing in the records that a form counts: an unknown is never counted as something."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gaps:
    """Of how many pupils of a school sex or ethnicity is unknown, who is in no class, which classes have nobody.

    Classes are (id, name).
    """

    without_sex: int = 0
    without_ethnicity: int = 0
    without_class: int = 0
    empty_classes: tuple[tuple[int, str], ...] = ()
