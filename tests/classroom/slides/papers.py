"""Small presentations for tests, made by typst and by hand."""

from __future__ import annotations

from typing import Final

import typst

ENCRYPTED: Final = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>endobj
4 0 obj<</Filter/Standard/V 1/R 2/O<%(key)s>/U<%(key)s>/P -4>>endobj
trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>
""".replace(b"%(key)s", b"28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
"""It wants a password that nobody knows."""


def paper(*pages: str, width: str = "16cm", height: str = "9cm") -> bytes:
    """A PDF with these texts, one on each page."""
    setup = f'#set page(width: {width}, height: {height}, fill: rgb("eef6ee"))\n#set text(size: 28pt)\n'
    made: bytes = typst.compile((setup + "\n#pagebreak()\n".join(pages)).encode())
    return made
