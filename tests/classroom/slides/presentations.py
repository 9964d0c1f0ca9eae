"""Presentations as PowerPoint writes them, with no more in them than a reader needs (ECMA-376, PresentationML)."""

from __future__ import annotations

import io
import zipfile
from typing import Final
from xml.sax.saxutils import escape

_SPACES: Final = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
_KINDS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS: Final = "application/vnd.openxmlformats-officedocument.presentationml"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def presentation(*slides: str, more: str = "", link: str = "") -> bytes:
    """Return a presentation of 16:9 with a text on each slide; `more` stands on every one, `link` is its rId9."""
    numbers = range(1, len(slides) + 1)
    parts = {
        "[Content_Types].xml": _content_types(len(slides)),
        "_rels/.rels": _relations([("rId1", "officeDocument", "ppt/presentation.xml", False)]),
        "ppt/presentation.xml": f"<p:presentation {_SPACES}><p:sldIdLst>"
        + "".join(f'<p:sldId id="{255 + n}" r:id="rId{n}"/>' for n in numbers)
        + '</p:sldIdLst><p:sldSz cx="12192000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>',
        "ppt/_rels/presentation.xml.rels": _relations(
            [(f"rId{n}", "slide", f"slides/slide{n}.xml", False) for n in numbers]
        ),
    }  # fmt: skip
    for number, text in zip(numbers, slides, strict=True):
        parts[f"ppt/slides/slide{number}.xml"] = _slide(text, more)
        parts[f"ppt/slides/_rels/slide{number}.xml.rels"] = _relations(
            [("rId9", "image", link, True)] if link else []
        )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, xml in parts.items():
            file.writestr(name, _HEAD + xml)
    return made.getvalue()


def _content_types(slides: int) -> str:
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/ppt/presentation.xml" ContentType="{_PARTS}.presentation.main+xml"/>'
        + "".join(
            f'<Override PartName="/ppt/slides/slide{n}.xml" ContentType="{_PARTS}.slide+xml"/>'
            for n in range(1, slides + 1)
        )
        + "</Types>"
    )


def _relations(rows: list[tuple[str, str, str, bool]]) -> str:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + "".join(
            f'<Relationship Id="{key}" Type="{_KINDS}/{kind}" Target="{target}"'
            + (' TargetMode="External"/>' if outside else "/>")
            for key, kind, target, outside in rows
        )
        + "</Relationships>"
    )


def _slide(text: str, more: str) -> str:
    box = '<a:off x="900000" y="2400000"/><a:ext cx="10400000" cy="1800000"/>'
    return (
        f"<p:sld {_SPACES}><p:cSld><p:spTree>"
        '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
        '<p:sp><p:nvSpPr><p:cNvPr id="2" name="Text"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr>'
        f'<p:spPr><a:xfrm>{box}</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
        '<p:txBody><a:bodyPr wrap="square"/><a:p><a:r><a:rPr lang="vi-VN" sz="4400"/>'
        f"<a:t>{escape(text)}</a:t></a:r></a:p></p:txBody></p:sp>{more}</p:spTree></p:cSld></p:sld>"
    )
