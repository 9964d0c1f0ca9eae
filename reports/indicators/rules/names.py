"""What every count is called in a formula."""

from __future__ import annotations

from typing import Final

from app.i18n import N_
from reports.indicators.rules.counts import Count

COUNT_NAMES: Final = {
    Count.CLASSES: N_("số lớp"),
    Count.PUPILS: N_("số học sinh"),
    Count.SESSIONS_DUE: N_("số buổi phải điểm danh"),
    Count.SESSIONS_TAKEN: N_("số buổi đã điểm danh"),
    Count.EXPECTED: N_("lượt học sinh phải có mặt ở các buổi đã điểm danh"),
    Count.EXCUSED: N_("lượt vắng có phép"),
    Count.UNEXCUSED: N_("lượt vắng không phép"),
    Count.PENDING: N_("lượt vắng chưa rõ lý do"),
    Count.LATE: N_("lượt đi trễ"),
    Count.LESSONS_HELD: N_("số tiết học tương tác đã kết thúc"),
    Count.SESSIONS_ON_TIME: N_("số buổi điểm danh ngay trong ngày"),
    Count.TEACHERS: N_("số giáo viên"),
    Count.CLASSES_OVER_NORM: N_("số lớp vượt sĩ số chuẩn"),
    Count.CLASSES_WITH_LESSON: N_("số lớp có tiết học tương tác"),
    Count.ANSWERS: N_("số câu trả lời được giữ"),
    Count.ANSWERS_POSSIBLE: N_("số câu trả lời có thể có"),
    Count.ATTEMPTS: N_("số lượt trả lời đã lưu"),
    Count.MEASURED: N_("số học sinh có ít nhất một buổi được điểm danh"),
    Count.CHRONIC: N_("số học sinh vắng từ một phần mười số buổi"),
    Count.OVER_20: N_("số học sinh vắng hơn 20 buổi từ đầu năm"),
    Count.OVER_30: N_("số học sinh vắng hơn 30 buổi từ đầu năm"),
    Count.OVER_40: N_("số học sinh vắng hơn 40 buổi từ đầu năm"),
    Count.OVER_45: N_("số học sinh vắng hơn 45 buổi từ đầu năm"),
    Count.INVITED: N_("số học sinh của các lớp có tiết học tương tác"),
    Count.PARTICIPANTS: N_("số học sinh vào ít nhất một tiết học tương tác"),
    Count.AT_START: N_("số học sinh có tên ngày 30/9"),
    Count.ARRIVED: N_("số học sinh chuyển đến"),
    Count.DEPARTED: N_("số học sinh chuyển đi"),
    Count.LEFT: N_("số học sinh thôi học"),
    Count.FOLLOWED: N_("số học sinh có tên ngày 30/9, trừ lớp 12"),
    Count.REPEATED: N_("số học sinh năm sau học lại lớp cũ"),
    Count.PROMOTED: N_("số học sinh năm sau lên lớp"),
    Count.LISTED: N_("số học sinh của khối ngày 30/9"),
    Count.LISTED_ABOVE: N_("số học sinh của khối trên ngày 30/9 năm sau"),
    Count.REPEATING_ABOVE: N_("số em lưu ban của khối trên năm sau"),
    Count.REPEATING: N_("số em lưu ban của khối năm sau"),
    Count.POPULATION: N_("dân số trong độ tuổi"),
    Count.ENROLLED: N_("số học sinh của cấp học"),
    Count.ENROLLED_OF_AGE: N_("số học sinh đúng độ tuổi của cấp học"),
    Count.OF_AGE_ANYWHERE: N_("số em trong độ tuổi đang học ở bất kỳ cấp nào"),
    Count.ROOMS: N_("số phòng học"),
    Count.SOLID_ROOMS: N_("số phòng học kiên cố"),
    Count.SCHOOLS_ASKED_STANDARD: N_("số trường đã báo cáo"),
    Count.SCHOOLS_OF_STANDARD: N_("số trường đạt chuẩn quốc gia"),
    Count.SCHOOLS_ASSESSED: N_("số trường đã tự đánh giá"),
    Count.SCHOOLS_OF_LEVEL_3: N_("số trường đạt mức 3"),
}
