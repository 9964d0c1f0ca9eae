"""Languages: Vietnamese is the language of the source, English is its catalogue. Knows nothing of Flask."""

from __future__ import annotations

from typing import Final, Self

LANGUAGES: Final = ("vi", "en")
SOURCE_LANGUAGE: Final = "vi"
CATALOGUES: Final = ("app", "attendance", "classroom", "reports")


class Phrase(str):
    """A Vietnamese sentence that remembers its message id and parameters, so that it can be translated late.

    Commands and rules raise and return phrases; `app.http.translate` turns one into the reader's language.
    """

    __slots__ = ("msgid", "params")
    msgid: str
    params: dict[str, object]

    def __new__(cls, msgid: str, params: dict[str, object]) -> Self:
        """Fill the parameters into the message; a parameter that is missing raises KeyError at once."""
        phrase = super().__new__(cls, msgid % params if params else msgid)
        phrase.msgid = msgid
        phrase.params = params
        return phrase


def say(msgid: str, **params: object) -> Phrase:
    """Return a phrase such as `say("Không đọc được dòng %(row)s.", row=5)`; pybabel extracts the first argument."""
    return Phrase(msgid, params)


def N_(message: str) -> str:  # noqa: N802 - the customary name of gettext's no-op marker
    """Mark a Vietnamese message for extraction; it is translated where it is shown."""
    return message
