"""The job that turns an uploaded file into pictures: once for each content, whoever uploaded it, and however often."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app import db
from app.i18n import N_
from app.text import clean_text
from classroom.slides.commands import drawing
from classroom.slides.models import SlideFile
from classroom.slides.queries import folder_of
from classroom.slides.rules import FileState, Page, stored_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DRAW_WITHIN: Final = 300
CONVERT_WITHIN: Final = 120
"""Seconds by the clock. What is not done then is refused."""
CONVERT_MEMORY: Final = 3 * 1024**3
"""Bytes of address space of LibreOffice, which reserves three times what it uses (see ADR 91)."""
_SECURITY: Final = {
    "DisableMacrosExecution": "true",
    "MacroSecurityLevel": "3",
    "BlockUntrustedRefererLinks": "true",
    "DisableActiveContent": "true",
}
"""Of LibreOffice's profile: nothing in a file runs, and no picture or text is fetched by a link, above all no file of
this machine (a presentation may name one, and would show it)."""
_PROFILE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
{}
</oor:items>
"""
_SETTING: Final = (
    '<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="{}" oor:op="fuse">'
    "<value>{}</value></prop></item>"
)


class RefusedError(Exception):
    """A file that cannot be drawn; its text is one of `rules.FAULTS`."""


def draw_file(root: Path, file_id: int, report: Callable[[int, int, str], None]) -> Mapping[str, object]:
    """Draw the pages of a file into its folder below `root` and store how many there are, or why there are none.

    Drawing again what is drawn changes nothing. Raises KeyError when there is no such file.
    """
    file = db.session().scalar(select(SlideFile).where(SlideFile.id == file_id))
    if file is None:
        raise KeyError(file_id)
    if file.state == FileState.READY:
        return {"file": file_id}
    folder, suffix = folder_of(root, file.sha256), file.suffix
    db.session().rollback()
    try:
        pages = _drawn(folder, suffix, report)
    except RefusedError as error:
        _settle(file_id, FileState.REFUSED, fault=str(error))
    except BaseException:
        _settle(file_id, FileState.REFUSED, fault="broken")
        raise
    else:
        _settle(file_id, FileState.READY, pages=stored_pages(pages))
    return {"file": file_id}


def _settle(file_id: int, state: FileState, *, fault: str = "", pages: str = "[]") -> None:
    with db.transaction() as session:
        file = session.get_one(SlideFile, file_id)
        file.state, file.fault, file.pages = state, fault, pages


def _drawn(folder: Path, suffix: str, report: Callable[[int, int, str], None]) -> list[Page]:
    with tempfile.TemporaryDirectory(dir=folder) as workshop:
        source = folder / f"source.{suffix}"
        if suffix == "pptx":
            report(0, 0, N_("Đang chuyển từ PowerPoint sang PDF"))
            source = converted(source, Path(workshop))
        pages = []
        for said in pages_drawn(source, Path(workshop)):
            pages.append(Page(int(str(said["high"])), clean_text(str(said["text"]))))
            report(int(str(said["page"])), int(str(said["pages"])), N_("Đang vẽ các trang"))
        for picture in Path(workshop).glob("*.webp"):
            picture.replace(folder / picture.name)
    return pages


def pages_drawn(source: Path, workshop: Path) -> Iterator[dict[str, object]]:
    """Yield what the drawing process says of each page; raise RefusedError when it gives up, or is ended."""
    command = [sys.executable, "-I", drawing.__file__, str(source), str(workshop)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=workshop
    ) as process:
        ending = threading.Timer(DRAW_WITHIN, process.kill)
        ending.start()
        try:
            last, of = 0, -1
            for line in process.stdout or ():
                said: dict[str, object] = json.loads(line)
                if "fault" in said:
                    raise RefusedError(said["fault"])
                last, of = int(str(said["page"])), int(str(said["pages"]))
                yield said
        finally:
            ending.cancel()
            process.kill()
    if last != of:
        raise RefusedError("slow" if of > 0 else "broken")


def converter() -> str | None:
    """Return where LibreOffice is, None where it is not installed."""
    return shutil.which("soffice")


def converted(source: Path, workshop: Path) -> Path:
    """Return the PDF that LibreOffice makes of a presentation: within a time, with a profile of its own, no network.

    Raises RefusedError when it makes none.
    """
    program = converter()
    if program is None:
        message = "converter"
        raise RefusedError(message)
    profile = workshop / "profile"
    _prepare(profile)
    command = [
        *_without_network(), *_with_little_memory(), program, "--headless", "--norestore", "--nolockcheck",
        f"-env:UserInstallation={profile.as_uri()}", "--convert-to", "pdf", "--outdir", str(workshop), str(source),
    ]  # fmt: skip
    environment = {"PATH": os.environ["PATH"], "HOME": str(workshop), "LANG": "C.UTF-8"}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdin=quiet, stdout=quiet, stderr=quiet, env=environment, start_new_session=True
    ) as process:
        try:
            process.wait(CONVERT_WITHIN)
        except subprocess.TimeoutExpired:
            # soffice is a script that starts the program: the whole group goes
            os.killpg(process.pid, signal.SIGKILL)
    made = workshop / "source.pdf"
    if process.returncode != 0 or not made.exists():
        message = "converter"
        raise RefusedError(message)
    return made


def _prepare(profile: Path) -> None:
    """Make the profile of one conversion; what it says holds from LibreOffice's first moment on."""
    (profile / "user").mkdir(parents=True)
    settings = "\n".join(_SETTING.format(name, value) for name, value in _SECURITY.items())
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE.format(settings), encoding="utf-8")


def _with_little_memory() -> list[str]:
    """Return what runs a program with bounded memory and processor time; nothing on a system without prlimit."""
    tool = shutil.which("prlimit")
    return [tool, f"--as={CONVERT_MEMORY}", f"--cpu={CONVERT_WITHIN}", "--core=0"] if tool else []


def _without_network() -> list[str]:
    """Return what runs a program in a network of its own, an empty one; nothing where that is not allowed."""
    tool = shutil.which("unshare")
    if tool is None:
        return []
    tried = subprocess.run([tool, "-rn", "true"], check=False, capture_output=True)
    return [tool, "-rn"] if tried.returncode == 0 else []
