"""The audit log in words: a sentence for every action that the product records, and for every kind of object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere
from app.i18n import N_
from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

VIEW_AUDIT: Final = Permission(
    "audit.view", everywhere(Role.PRINCIPAL, Role.SYSTEM_ADMINISTRATOR, Role.DEPARTMENT_OFFICER)
)
ACTIONS: Final[Mapping[str, str]] = {
    "account.created": N_("Tạo tài khoản"),
    "account.device_ended": N_("Đăng xuất một thiết bị của người khác"),
    "account.devices_ended": N_("Đăng xuất mọi thiết bị của người khác"),
    "account.password_changed": N_("Đổi mật khẩu của mình"),
    "account.password_reset": N_("Đặt lại mật khẩu cho người khác"),
    "account.signed_in": N_("Đăng nhập"),
    "account.signed_out": N_("Đăng xuất"),
    "account.signed_out_everywhere": N_("Đăng xuất mọi thiết bị của mình"),
    "account.switched": N_("Khóa hoặc mở lại tài khoản"),
    "audit.exported": N_("Xuất nhật ký thao tác ra Excel"),
    "bells.dropped": N_("Bỏ giờ học"),
    "bells.saved": N_("Lưu giờ học"),
    "calendar.decided": N_("Quyết định ngày nghỉ, ngày học"),
    "calendar.undone": N_("Hoàn tác quyết định về lịch"),
    "card.replaced": N_("Cấp lại thẻ học sinh"),
    "cards.issued": N_("Cấp thẻ học sinh"),
    "contact.personal_id_seen": N_("Xem số định danh cá nhân của học sinh"),
    "contact.switched_off": N_("Tắt một mục thông tin liên hệ và xóa dữ liệu của mục đó"),
    "contact.switched_on": N_("Bật một mục thông tin liên hệ"),
    "enrolment.accept": N_("Tiếp nhận học sinh chuyển đến"),
    "enrolment.correct": N_("Sửa ngày vào lớp hoặc rời lớp"),
    "enrolment.enrol": N_("Ghi danh học sinh"),
    "enrolment.leave": N_("Ghi học sinh thôi học"),
    "enrolment.move": N_("Chuyển lớp cho học sinh"),
    "enrolment.return": N_("Ghi học sinh học lại"),
    "enrolment.transfer": N_("Chuyển học sinh đi trường khác"),
    "enrolment.undone": N_("Hoàn tác một bước ghi danh"),
    "factor.codes_renewed": N_("Tạo mã dự phòng mới"),
    "factor.confirmed": N_("Xác thực hai lớp lại"),
    "factor.let_through": N_("Xuất dữ liệu khi chưa bật xác thực hai lớp"),
    "factor.recovery_used": N_("Dùng một mã dự phòng"),
    "factor.removed": N_("Tắt xác thực hai lớp của người khác"),
    "factor.set_up": N_("Bật ứng dụng xác thực"),
    "figures.exported": N_("Xuất báo cáo chuyên cần"),
    "figures.viewed": N_("Xem báo cáo chuyên cần"),
    "grant.ended": N_("Kết thúc quyền"),
    "grant.given": N_("Cấp vai trò"),
    "grant.taken_back": N_("Thu hồi quyền dạy thay"),
    "heading.forgotten": N_("Bỏ một tiêu đề cột đã khai báo"),
    "heading.taught": N_("Khai báo ý nghĩa một tiêu đề cột"),
    "hub.key_added": N_("Thêm khóa của nơi gửi số liệu"),
    "hub.key_withdrawn": N_("Thu hồi khóa của nơi gửi số liệu"),
    "lesson.as_planned": N_("Trả tiết về như thời khóa biểu"),
    "lesson.cancelled": N_("Cho nghỉ một tiết"),
    "lesson.ended": N_("Kết thúc tiết học tương tác"),
    "lesson.exported": N_("Xuất kết quả tiết học tương tác ra Excel"),
    "lesson.started": N_("Bắt đầu tiết học tương tác"),
    "lesson.substituted": N_("Phân công dạy thay"),
    "list.exported": N_("Xuất một danh sách ra Excel"),
    "oneroster.imported": N_("Nhập gói OneRoster"),
    "organisation.loaded": N_("Nạp danh mục đơn vị"),
    "passkey.added": N_("Thêm khóa truy cập"),
    "passkey.refused": N_("Khóa truy cập bị từ chối vì có thể đã bị sao chép"),
    "passkey.removed": N_("Xóa khóa truy cập"),
    "plan.shared": N_("Chia sẻ kế hoạch tiết học với đồng nghiệp"),
    "plan.unshared": N_("Ngừng chia sẻ kế hoạch tiết học"),
    "pupil.edited": N_("Sửa hồ sơ học sinh"),
    "pupil.sensitive_viewed": N_("Xem dân tộc, khuyết tật của học sinh"),
    "pupils.exported": N_("Xuất danh sách học sinh ra Excel"),
    "register.corrected": N_("Sửa sổ điểm danh đã gửi"),
    "roster.applied": N_("Nhập danh sách học sinh"),
    "roster.discarded": N_("Bỏ tệp danh sách học sinh"),
    "roster.exported": N_("Xuất gói OneRoster"),
    "roster.font_converted": N_("Chuyển phông chữ của tệp danh sách"),
    "roster.undone": N_("Hoàn tác một lượt nhập danh sách"),
    "roster.uploaded": N_("Tải lên danh sách học sinh"),
    "school.created": N_("Tạo trường"),
    "slice.sent_again": N_("Gửi lại số liệu về kho"),
    "slips.shown": N_("Hiện phiếu đăng nhập để in"),
    "staff.applied": N_("Nhập danh sách nhân sự"),
    "staff.discarded": N_("Bỏ tệp danh sách nhân sự"),
    "staff.uploaded": N_("Tải lên danh sách nhân sự"),
    "submission.accepted": N_("Chốt số liệu tháng"),
    "submission.reopened": N_("Mở lại số liệu tháng"),
    "timetable.discarded": N_("Bỏ một bản nháp thời khóa biểu"),
    "timetable.drafted": N_("Tạo bản nháp thời khóa biểu"),
    "timetable.published": N_("Công bố thời khóa biểu"),
    "unit.added": N_("Thêm đơn vị"),
    "unit.merged": N_("Sáp nhập đơn vị"),
    "unit.moved": N_("Chuyển đơn vị trực thuộc"),
    "year.added": N_("Thêm năm học"),
    "year.changed": N_("Sửa năm học"),
}
"""A test reads the code and fails on an action without its sentence."""
SUBJECTS: Final[Mapping[str, str]] = {
    "class": N_("Lớp"),
    "hub_sender": N_("Nơi gửi số liệu"),
    "import": N_("Lượt nhập danh sách"),
    "lesson": N_("Tiết học tương tác"),
    "log": N_("Nhật ký thao tác"),
    "organisation": N_("Danh mục đơn vị"),
    "outgoing_slice": N_("Gói số liệu"),
    "plan": N_("Kế hoạch tiết học"),
    "pupil": N_("Học sinh"),
    "register": N_("Sổ điểm danh"),
    "report": N_("Báo cáo"),
    "route": N_("Trang"),
    "school": N_("Trường"),
    "staff_import": N_("Lượt nhập nhân sự"),
    "timetable_entry": N_("Tiết trong thời khóa biểu"),
    "unit": N_("Đơn vị"),
    "user": N_("Tài khoản"),
    "year": N_("Năm học"),
}
DETAILS: Final[Mapping[str, str]] = {
    "active": N_("đang dùng"),
    "class": N_("lớp số"),
    "count": N_("số lượng"),
    "device": N_("thiết bị"),
    "from": N_("từ ngày"),
    "name": N_("tên"),
    "reason": N_("lý do"),
    "role": N_("vai trò"),
    "second_factor": N_("xác thực hai lớp"),
    "sign_ins": N_("lượt đăng nhập"),
    "to": N_("đến ngày"),
    "unit": N_("đơn vị số"),
    "username": N_("tên đăng nhập"),
}


def action_words(action: str) -> str:
    """Return the Vietnamese sentence of an action; one that is not known (an old entry) speaks for itself."""
    return ACTIONS.get(action, action)


def actions_like(typed: str) -> list[str]:
    """Return the actions whose sentence contains what was typed, accents or none."""
    wanted = fold(typed)
    return [action for action, words in ACTIONS.items() if wanted in fold(words)]
