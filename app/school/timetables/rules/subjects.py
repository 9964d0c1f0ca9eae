"""The subjects that every school has, with the ways in which timetables write them.

Names as in the general education programme of 2018 (TT 32/2018/TT-BGDĐT). They are no rows anywhere: a school's subject
is added when a file that names it becomes a draft, so that a new installation reads its first timetable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SPELLINGS: Final = {
    "Toán": "t",
    "Tiếng Việt": "tv|t.viet|tieng viet",
    "Ngữ văn": "van|nv|n.van|ngu van",
    "Tiếng Anh": "anh|ta|av|anh van|t.anh|ngoai ngu|ngoai ngu 1|nn1|nn",
    "Đạo đức": "dd|d.duc",
    "Tự nhiên và Xã hội": "tnxh|tn&xh|tn-xh|tu nhien xa hoi",
    "Khoa học": "kh",
    "Khoa học tự nhiên": "khtn",
    "Lịch sử và Địa lí": "ls&dl|lsdl|ls-dl|ls va dl|su - dia|su-dia|su dia|lich su va dia ly|lich su - dia li|"
    "lich su & dia li|ls&dl",
    "Lịch sử": "su|ls|l.su",
    "Địa lí": "dia|dl|dia ly|d.li",
    "Vật lí": "li|ly|vl|vat ly|v.li|v.ly",
    "Hóa học": "hoa|h.hoc|hoa hoc",
    "Sinh học": "sinh|sh|s.hoc",
    "Tin học": "tin|th|t.hoc",
    "Công nghệ": "cn|c.nghe|cnghe",
    "Giáo dục công dân": "gdcd|cd|c.dan|cong dan",
    "Giáo dục kinh tế và pháp luật": "ktpl|gdktpl|gdkt&pl|kt&pl|kt-pl|kinh te phap luat",
    "Giáo dục thể chất": "gdtc|td|tc|the duc|the chat",
    "Giáo dục quốc phòng và an ninh": "qp|gdqp|gdqpan|qpan|gdqp&an|quoc phong|gdqp-an",
    "Nghệ thuật": "nt|n.thuat",
    "Âm nhạc": "nhac|a.nhac|hat nhac",
    "Mĩ thuật": "mt|my thuat|m.thuat|ve",
    "Hoạt động trải nghiệm": "hdtn|tnhd|trai nghiem|hdtn,hn|hdtn-hn|hdtnhn|hdtn hn|tnhn|tn-hn|tn,hn|"
    "hoat dong trai nghiem, huong nghiep|hoat dong trai nghiem huong nghiep",
    "Nội dung giáo dục của địa phương": "gddp|ndgddp|dp|giao duc dia phuong|gdcdp|noi dung giao duc dia phuong",
    "Tiếng dân tộc thiểu số": "tdtts|tieng dan toc",
    "Chào cờ": "cc|shdc|sinh hoat duoi co|chao co",
    "Sinh hoạt lớp": "shl|sh lop|shcn|sinh hoat|sinh hoat chu nhiem|sh",
}


@dataclass(frozen=True, slots=True)
class UsualSubjects:
    """`ids` is {folded spelling: subject}; `names` those that the installation has not yet, with ids below 0."""

    ids: Mapping[str, int]
    names: Mapping[int, str]


NO_USUAL: Final = UsualSubjects({}, {})


def usual_subjects(known: Iterable[tuple[int, str]]) -> UsualSubjects:
    """Return the usual subjects; one that is `known` as (id, name) has its own id. A shared spelling is the first's."""
    have = {fold(name): number for number, name in known}
    ids: dict[str, int] = {}
    names: dict[int, str] = {}
    for place, (name, spellings) in enumerate(_SPELLINGS.items(), 1):
        number = have.get(fold(name), -place)
        if number < 0:
            names[number] = name
        for word in (fold(name), *spellings.split("|")):
            ids.setdefault(word, number)
    return UsualSubjects(ids, names)
