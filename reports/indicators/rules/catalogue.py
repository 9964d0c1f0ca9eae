"""The catalogue: every version of every indicator. A new definition is a new version; an old one never changes."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from app.i18n import N_
from reports.indicators.rules.counts import Count, Counts
from reports.indicators.rules.definitions import OF_CLASSES, OF_PLACES, Definition, Dimension, Family, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable

COVERAGE_THRESHOLD: Final = Fraction(90, 100)
NUMBERS_OVER: Final = {
    20: Count.OVER_20, 30: Count.OVER_30, 40: Count.OVER_40, 45: Count.OVER_45,
}  # fmt: skip
"""Absent sessions in a school year above which pupils are counted; more than 45 bars from promotion (TT 22/2021)."""

_FIRST_DAY: Final = date(2020, 9, 1)
_CIRCULAR_03: Final = date(2024, 5, 3)
"""Circular 03/2024/TT-BGDĐT takes the place of 19/2017 (vietnam.md 4.1)."""
_OURS: Final = N_("Định nghĩa của hệ thống này; thông tư 03/2024/TT-BGDĐT không quy định chỉ tiêu này.")
_GSO: Final = N_("Siêu dữ liệu thống kê của Tổng cục Thống kê (2019).")
_UIS: Final = N_("Viện Thống kê UNESCO (UIS), Education Indicators: Technical guidelines.")
_CHANGED: Final = N_("Căn cứ chuyển từ thông tư 19/2017 sang thông tư 03/2024; cách tính không đổi.")


def _since_circular(code: str, new_source: str, old_source: str, **same: Any) -> tuple[Definition, ...]:  # noqa: ANN401 - the fields of Definition
    """Return the two versions of an indicator whose legal basis changed and whose formula did not."""
    return (
        Definition(code, 1, _FIRST_DAY, _CIRCULAR_03, source=old_source, family=Family.MINISTRY, **same),
        Definition(code, 2, _CIRCULAR_03, None, source=new_source, family=Family.MINISTRY, changed=_CHANGED, **same),
    )  # fmt: skip


def _number(code: str, name: str, explanation: str, what: Count, **more: Any) -> Definition:  # noqa: ANN401 - likewise
    settings = {"source": _OURS, "unit": Unit.NUMBER, "numerator": {what: 1}} | more
    return Definition(code, 1, _FIRST_DAY, None, name=name, explanation=explanation, **settings)


def _share(
    code: str, name: str, explanation: str, part: Count, whole: Count, **more: Any  # noqa: ANN401 - likewise
) -> Definition:  # fmt: skip
    settings = {
        "source": _OURS,
        "unit": Unit.PERCENT,
        "numerator": {part: 1},
        "denominator": {whole: 1},
    } | more
    return Definition(code, 1, _FIRST_DAY, None, name=name, explanation=explanation, factor=100, **settings)


_ATTENDANCE: Final = (
    Definition(
        "attendance_rate", 1, _FIRST_DAY, None,
        name=N_("Tỷ lệ chuyên cần"),
        explanation=N_(
            "1 trừ (tổng lượt vắng) / (tổng sĩ số × số buổi đã điểm danh). Buổi chưa điểm danh không tính vào tử số, "
            "cũng không tính vào mẫu số. Đi trễ được tính là có mặt."
        ),
        source=_OURS,
        unit=Unit.PERCENT,
        numerator={Count.EXPECTED: 1, Count.EXCUSED: -1, Count.UNEXCUSED: -1, Count.PENDING: -1},
        denominator={Count.EXPECTED: 1},
        factor=100,
        coverage_threshold=COVERAGE_THRESHOLD,
    ),
    _share(
        "register_coverage", N_("Tỷ lệ lớp đã điểm danh"),
        N_("Số buổi đã nộp sổ điểm danh / số buổi phải điểm danh theo lịch học và thời khóa biểu."),
        Count.SESSIONS_TAKEN, Count.SESSIONS_DUE, dimensions=OF_CLASSES,
    ),
    _share(
        "register_timeliness", N_("Tỷ lệ điểm danh đúng ngày"),
        N_("Số buổi có sổ điểm danh nộp ngay trong ngày học / số buổi phải điểm danh."),
        Count.SESSIONS_ON_TIME, Count.SESSIONS_DUE, dimensions=OF_CLASSES,
    ),
    _number(
        "sessions_due", N_("Số buổi phải điểm danh"),
        N_("Số buổi học của các lớp có học sinh, theo lịch năm học và thời khóa biểu."),
        Count.SESSIONS_DUE, dimensions=OF_CLASSES,
    ),
    _number(
        "sessions_taken", N_("Số buổi đã điểm danh"), N_("Số buổi học có sổ điểm danh đã nộp."),
        Count.SESSIONS_TAKEN, dimensions=OF_CLASSES,
    ),
    _number(
        "absences_excused", N_("Lượt vắng có phép (P)"),
        N_("Số lượt học sinh vắng có phép trong các buổi đã điểm danh."), Count.EXCUSED,
    ),
    _number(
        "absences_unexcused", N_("Lượt vắng không phép (K)"),
        N_("Số lượt học sinh vắng không phép trong các buổi đã điểm danh."), Count.UNEXCUSED,
    ),
    _number(
        "late", N_("Lượt đi trễ (T)"),
        N_("Số lượt học sinh đi trễ trong các buổi đã điểm danh; các em này có mặt."), Count.LATE,
    ),
    _share(
        "chronic_absence", N_("Tỷ lệ học sinh vắng nhiều"),
        N_(
            "Số học sinh vắng từ một phần mười số buổi trở lên / số học sinh có ít nhất một buổi được điểm danh trong "
            "kỳ, có phép hay không phép đều tính. Ở mỗi cấp, mỗi học sinh chỉ đếm một lần, dù học mấy lớp, mấy trường."
        ),
        Count.CHRONIC, Count.MEASURED,
        source=N_("Theo “persistent absence” của Bộ Giáo dục Anh (DfE) từ năm học 2015-2016: ngưỡng một phần mười."),
        is_additive=False, coverage_threshold=COVERAGE_THRESHOLD,
    ),
    *(
        _number(
            f"pupils_over_{number}", name, explanation, what, is_additive=False,
            source=N_("Thông tư 22/2021/TT-BGDĐT: nghỉ quá 45 buổi trong một năm học thì không được lên lớp."),
        )
        for (number, what), name, explanation in zip(
            NUMBERS_OVER.items(),
            (
                N_("Số học sinh vắng quá 20 buổi"), N_("Số học sinh vắng quá 30 buổi"),
                N_("Số học sinh vắng quá 40 buổi"), N_("Số học sinh vắng quá 45 buổi"),
            ),
            (
                N_("Số học sinh vắng hơn 20 buổi từ đầu năm học đến hết kỳ, có phép và không phép cộng lại."),
                N_("Số học sinh vắng hơn 30 buổi từ đầu năm học đến hết kỳ, có phép và không phép cộng lại."),
                N_("Số học sinh vắng hơn 40 buổi từ đầu năm học đến hết kỳ, có phép và không phép cộng lại."),
                N_("Số học sinh vắng hơn 45 buổi từ đầu năm học đến hết kỳ, có phép và không phép cộng lại."),
            ),
            strict=True,
        )
    ),
)  # fmt: skip

_ROLLS: Final = (
    *_since_circular(
        "classes", N_("Thông tư 03/2024/TT-BGDĐT: số lớp."), N_("Thông tư 19/2017/TT-BGDĐT: số lớp."),
        name=N_("Số lớp"), explanation=N_("Số lớp đang hoạt động ở cuối kỳ."),
        unit=Unit.NUMBER, numerator={Count.CLASSES: 1}, dimensions=OF_CLASSES,
    ),
    *_since_circular(
        "pupils", N_("Thông tư 03/2024/TT-BGDĐT: số học sinh."), N_("Thông tư 19/2017/TT-BGDĐT: số học sinh."),
        name=N_("Số học sinh"), explanation=N_("Số học sinh có tên trong danh sách lớp ở cuối kỳ."),
        unit=Unit.NUMBER, numerator={Count.PUPILS: 1},
    ),
    Definition(
        "pupils_per_class", 1, _FIRST_DAY, None,
        name=N_("Số HS bình quân một lớp"), explanation=N_("Số học sinh đang học / số lớp."), source=_GSO,
        unit=Unit.PER_UNIT, numerator={Count.PUPILS: 1}, denominator={Count.CLASSES: 1},
        family=Family.MINISTRY, dimensions=OF_CLASSES,
    ),
    _number(
        "teachers", N_("Số giáo viên"),
        N_("Số người có tiết trong thời khóa biểu của trường ở cuối kỳ, hoặc đang làm chủ nhiệm một lớp."),
        Count.TEACHERS, dimensions=OF_PLACES,
        source=N_("Định nghĩa của hệ thống này: đếm người đang dạy, không đếm biên chế."),
    ),
    Definition(
        "pupils_per_teacher", 1, _FIRST_DAY, None,
        name=N_("Số HS bình quân một giáo viên"), explanation=N_("Số học sinh đang học / số giáo viên."), source=_GSO,
        unit=Unit.PER_UNIT, numerator={Count.PUPILS: 1}, denominator={Count.TEACHERS: 1},
        family=Family.MINISTRY, dimensions=OF_PLACES,
    ),
    _share(
        "classes_over_norm", N_("Tỷ lệ lớp vượt sĩ số chuẩn"),
        N_("Số lớp tiểu học trên 35 học sinh và số lớp THCS, THPT trên 45 học sinh / số lớp."),
        Count.CLASSES_OVER_NORM, Count.CLASSES, family=Family.MINISTRY, dimensions=OF_CLASSES,
        source=N_("Điều lệ trường tiểu học (thông tư 28/2020) và điều lệ trường trung học (thông tư 32/2020)."),
    ),
    _number(
        "transfers_in", N_("Số học sinh chuyển đến"),
        N_("Số học sinh chuyển đến trường trong kỳ; cả tỉnh thì không đếm em chuyển giữa hai trường trong tỉnh."),
        Count.ARRIVED, is_additive=False,
    ),
    _number(
        "transfers_out", N_("Số học sinh chuyển đi"),
        N_("Số học sinh chuyển khỏi trường trong kỳ; cả tỉnh thì không đếm em chuyển giữa hai trường trong tỉnh."),
        Count.DEPARTED, is_additive=False,
    ),
)  # fmt: skip

_RECONSTRUCTED: Final[dict[str, Any]] = {
    "source": _UIS, "unit": Unit.PERCENT, "factor": 100, "family": Family.UIS, "is_additive": False,
    "dimensions": (Dimension.PLACE, Dimension.GRADE),
    "kept_inside": N_(
        "Chỉ xem ở đây, không có trong tệp, API hay cổng tổng hợp: đặt cạnh số theo từng học sinh thì trừ ra được "
        "số em chuyển đến, chuyển đi của một khối, có thể ít hơn 10 em."
    ),
}  # fmt: skip
"""UIS's reconstructed cohort: the totals of two years and the repeaters of the later one (reports.tallies)."""

_COHORTS: Final = (
    _share(
        "dropout_rate", N_("Tỷ lệ bỏ học"),
        N_("Trong số học sinh có tên ngày 30/9: số em thôi học đến hết kỳ và chưa học lại / tổng số em."),
        Count.LEFT, Count.AT_START, source=_GSO, family=Family.MINISTRY, is_additive=False,
    ),
    Definition(
        "dropout_rate_uis", 1, _FIRST_DAY, None,
        name=N_("Tỷ lệ bỏ học theo UIS"),
        explanation=N_(
            "Phần còn lại: học sinh có tên ngày 30/9 mà năm sau không lên lớp và không học lại lớp cũ / số học sinh có "
            "tên ngày 30/9. Không tính lớp 12. Theo từng học sinh, không suy từ tổng số hai năm."
        ),
        source=_UIS, unit=Unit.PERCENT, factor=100,
        numerator={Count.FOLLOWED: 1, Count.PROMOTED: -1, Count.REPEATED: -1}, denominator={Count.FOLLOWED: 1},
        family=Family.UIS, is_additive=False,
    ),
    _share(
        "repetition_rate", N_("Tỷ lệ lưu ban"),
        N_("Số học sinh năm sau học lại lớp cũ / số học sinh có tên ngày 30/9. Không tính lớp 12."),
        Count.REPEATED, Count.FOLLOWED, source=_GSO, family=Family.MINISTRY, is_additive=False,
    ),
    Definition(
        "dropout_rate_reconstructed", 1, _FIRST_DAY, None,
        name=N_("Tỷ lệ bỏ học theo UIS, suy từ tổng số"),
        explanation=N_(
            "Phần còn lại: 1 trừ tỷ lệ lên lớp, trừ tỷ lệ lưu ban, suy từ tổng số ngày 30/9 của hai năm. Lên lớp: số "
            "học sinh khối trên năm sau, trừ em lưu ban / số học sinh của khối. Không theo từng em: em chuyển đến, "
            "chuyển đi nằm trong tổng số, nên khác tỷ lệ theo từng học sinh; số âm là số em đến nhiều hơn số em đi. "
            "Khối mà nơi này không có khối trên thì không tính."
        ),
        numerator={Count.LISTED: 1, Count.LISTED_ABOVE: -1, Count.REPEATING_ABOVE: 1, Count.REPEATING: -1},
        denominator={Count.LISTED: 1}, **_RECONSTRUCTED,
    ),
    Definition(
        "repetition_rate_reconstructed", 1, _FIRST_DAY, None,
        name=N_("Tỷ lệ lưu ban theo UIS, suy từ tổng số"),
        explanation=N_(
            "Số em lưu ban ở khối ấy ngày 30/9 năm sau / số học sinh của khối ngày 30/9. Em lưu ban chuyển đến cũng "
            "tính, em lưu ban ở nơi khác thì không. Khối mà nơi này không có khối trên thì không tính."
        ),
        numerator={Count.REPEATING: 1}, denominator={Count.LISTED: 1}, **_RECONSTRUCTED,
    ),
    _share(
        "gross_enrolment", N_("Tỷ lệ đi học chung"),
        N_("Số học sinh đang học một cấp, ở mọi tuổi / dân số trong độ tuổi của cấp đó."),
        Count.ENROLLED, Count.POPULATION, source=_UIS, family=Family.UIS, is_additive=False,
    ),
    _share(
        "net_enrolment", N_("Tỷ lệ đi học đúng tuổi"),
        N_(
            "Số học sinh đúng độ tuổi đang học một cấp / dân số trong độ tuổi của cấp đó. Tuổi tính theo năm sinh: "
            "tiểu học 6 đến 10, THCS 11 đến 14, THPT 15 đến 17."
        ),
        Count.ENROLLED_OF_AGE, Count.POPULATION, source=_GSO, family=Family.MINISTRY, is_additive=False,
    ),
    Definition(
        "out_of_school", 1, _FIRST_DAY, None,
        name=N_("Tỷ lệ ngoài nhà trường"),
        explanation=N_(
            "Dân số trong độ tuổi trừ số em trong độ tuổi đang học ở bất kỳ cấp nào / dân số trong độ tuổi. "
            "Em học ở nơi chưa dùng hệ thống này bị tính là ngoài nhà trường: hãy đọc cùng với số trường tham gia."
        ),
        source=_UIS, unit=Unit.PERCENT, factor=100, family=Family.UIS, is_additive=False,
        numerator={Count.POPULATION: 1, Count.OF_AGE_ANYWHERE: -1}, denominator={Count.POPULATION: 1},
    ),
)  # fmt: skip

_LESSONS: Final = (
    _number(
        "lessons_held", N_("Số tiết học tương tác"),
        N_("Số tiết học tương tác đã dạy và đã kết thúc trong kỳ."), Count.LESSONS_HELD, dimensions=OF_CLASSES,
    ),
    _share(
        "classes_with_lesson", N_("Tỷ lệ lớp có tiết học tương tác"),
        N_("Số lớp có ít nhất một tiết học tương tác trong kỳ / số lớp."),
        Count.CLASSES_WITH_LESSON, Count.CLASSES, dimensions=OF_CLASSES,
    ),
    _share(
        "participation_rate", N_("Tỷ lệ học sinh tham gia tiết tương tác"),
        N_("Số học sinh vào ít nhất một tiết học tương tác / số học sinh của các lớp có tiết ấy. Mỗi em đếm một lần."),
        Count.PARTICIPANTS, Count.INVITED, is_additive=False,
    ),
    _share(
        "answer_rate", N_("Tỷ lệ trả lời"),
        N_("Số câu trả lời được giữ / (số học sinh đã vào tiết × số lượt hỏi của tiết)."),
        Count.ANSWERS, Count.ANSWERS_POSSIBLE, dimensions=OF_CLASSES,
    ),
    _number(
        "attempts", N_("Số lượt trả lời đã lưu"),
        N_("Mọi lượt trả lời trong tiết học tương tác, kể cả lượt được sửa sau đó."),
        Count.ATTEMPTS, dimensions=OF_CLASSES,
    ),
)  # fmt: skip

_ENTERED: Final = (
    _share(
        "solid_classrooms", N_("Tỷ lệ phòng học kiên cố"),
        N_("Số phòng học kiên cố / số phòng học. Nhà trường nhập mỗi năm một lần, có ghi nguồn."),
        Count.SOLID_ROOMS, Count.ROOMS, family=Family.MINISTRY, dimensions=OF_PLACES, is_entered=True,
        source=N_("Thông tư 03/2024/TT-BGDĐT: tỷ lệ phòng học kiên cố."),
    ),
    _share(
        "national_standard", N_("Tỷ lệ trường đạt chuẩn quốc gia"),
        N_("Số trường đạt chuẩn quốc gia / số trường đã báo cáo. Nhập mỗi năm một lần, có ghi quyết định."),
        Count.SCHOOLS_OF_STANDARD, Count.SCHOOLS_ASKED_STANDARD, family=Family.MINISTRY, dimensions=OF_PLACES,
        is_entered=True, source=N_("Thông tư 03/2024/TT-BGDĐT: tỷ lệ trường đạt chuẩn quốc gia."),
    ),
    _share(
        "digital_level", N_("Tỷ lệ trường đạt chuyển đổi số mức 3"),
        N_("Số trường đạt mức 3 / số trường đã tự đánh giá. Mức của trường là mức thấp hơn trong hai nhóm tiêu chí."),
        Count.SCHOOLS_OF_LEVEL_3, Count.SCHOOLS_ASSESSED, family=Family.MINISTRY, dimensions=OF_PLACES,
        is_entered=True, source=N_("Quyết định 4725/QĐ-BGDĐT ngày 30/12/2022."),
    ),
)  # fmt: skip

CATALOGUE: Final = (*_ATTENDANCE, *_ROLLS, *_COHORTS, *_LESSONS, *_ENTERED)


def definition(code: str, day: date, catalogue: Iterable[Definition] = CATALOGUE) -> Definition:
    """Return the version of an indicator that is valid on a day. Raises KeyError when there is none."""
    for candidate in catalogue:
        if candidate.code == code and candidate.is_valid_on(day):
            return candidate
    raise KeyError(code)


def definitions(
    day: date, catalogue: Iterable[Definition] = CATALOGUE, *, inside: bool = False
) -> tuple[Definition, ...]:
    """Return every indicator's version that is valid on a day, in the order of the catalogue.

    Those that are kept inside are left out unless they are asked for: whatever leaves is made of what this returns.
    """
    return tuple(one for one in catalogue if one.is_valid_on(day) and (inside or not one.kept_inside))


def definitions_of_classes(day: date) -> tuple[Definition, ...]:
    """Return the versions valid on a day that need nothing but the counts of classes and days."""
    known = {field.name for field in fields(Counts)}
    return tuple(found for found in definitions(day) if found.needs <= known)


def versions(code: str, catalogue: Iterable[Definition] = CATALOGUE) -> tuple[Definition, ...]:
    """Return every version of an indicator, the newest first; none for an unknown code."""
    found = [candidate for candidate in catalogue if candidate.code == code]
    return tuple(sorted(found, key=lambda candidate: -candidate.version))
