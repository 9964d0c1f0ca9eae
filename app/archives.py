"""What reading a zip from outside may raise."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from typing import Final

BROKEN: Final = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, OSError,
    EOFError, ValueError, RuntimeError, KeyError, IndexError, OverflowError, MemoryError,
)  # fmt: skip
"""What the standard library raises for zips that are none, are cut off, encrypted or lie about themselves."""
