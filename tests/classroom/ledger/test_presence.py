"""Which pupils' devices a teacher sees as there."""

from __future__ import annotations

from classroom.ledger import events

LESSON, PUPIL = 987_654_321, 7


def test_a_page_that_is_loaded_again_is_looked_at() -> None:
    """At its end a page says that it went dark; the next one says nothing until that happens to it."""
    events._presence_due.add(LESSON)  # noqa: SLF001 - nobody is told
    events.came(LESSON, PUPIL)
    events.slept(LESSON, PUPIL, asleep=True)
    assert events.presence(LESSON) == {str(PUPIL): "asleep"}
    events.came(LESSON, PUPIL)
    events.left(LESSON, PUPIL)
    assert events.presence(LESSON) == {str(PUPIL): "here"}
    events.slept(LESSON, PUPIL, asleep=True)
    assert events.presence(LESSON) == {str(PUPIL): "asleep"}
