"""Questions that the demonstration's teachers ask, by level and subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.school.rules import Level


@dataclass(frozen=True, slots=True)
class Question:
    """A multiple-choice question with the letter that is right. `easy` is the share of a class that gets it right."""

    text: str
    options: tuple[str, ...]
    right: str
    easy: float = 0.7
    explanation: str = ""

    @property
    def objective(self) -> str:
        """What it is about, "" where the teacher did not say."""
        return OBJECTIVES.get(self.text, "")


PRIMARY: Final = {
    "Toán": (
        Question("Số nào lớn nhất?", ("45 209", "45 290", "45 092", "44 999"), "B", 0.8),
        Question(
            "Một hình chữ nhật dài 8 cm, rộng 5 cm. Chu vi là bao nhiêu?",
            ("13 cm", "40 cm", "26 cm", "21 cm"),
            "C",
            0.62,
            "Chu vi = (dài + rộng) × 2 = (8 + 5) × 2 = 26 cm.",
        ),
        Question("3/4 của 20 quả cam là mấy quả?", ("5", "10", "12", "15"), "D", 0.55, "20 : 4 × 3 = 15."),
        Question("2 giờ 15 phút bằng bao nhiêu phút?", ("135", "125", "215", "120"), "A", 0.66),
    ),
    "Tiếng Việt": (
        Question("Từ nào là từ láy?", ("học sinh", "lấp lánh", "sách vở", "bàn ghế"), "B", 0.74),
        Question(
            "Câu “Mặt trời thức dậy sau rặng tre.” dùng biện pháp gì?",
            ("So sánh", "Nhân hóa", "Liệt kê", "Điệp từ"),
            "B",
            0.63,
        ),
        Question("Chọn từ viết đúng chính tả.", ("xắp xếp", "sắp xếp", "sắp sếp", "xắp sếp"), "B", 0.58),
    ),
    "Tiếng Anh": (
        Question(
            "What time is it? (7:30)",
            ("It's half past six", "It's seven thirty", "It's seven o'clock", "It's thirty"),
            "B",
            0.77,
        ),
        Question("She ___ to school every day.", ("go", "goes", "going", "gone"), "B", 0.6),
    ),
}

LOWER_SECONDARY: Final = {
    "Toán": (
        Question("Kết quả của (-3)² là bao nhiêu?", ("-9", "9", "-6", "6"), "B", 0.64, "(-3) × (-3) = 9."),
        Question("Số nào là số nguyên tố?", ("21", "27", "29", "33"), "C", 0.7),
        Question(
            "Tam giác có ba góc bằng nhau thì mỗi góc là bao nhiêu độ?", ("45", "60", "90", "120"), "B", 0.82
        ),
    ),
    "Khoa học tự nhiên": (
        Question("Chất nào tan trong nước?", ("Cát", "Dầu ăn", "Muối ăn", "Sắt"), "C", 0.9),
        Question("Bào quan nào là nơi quang hợp?", ("Ti thể", "Nhân", "Lục lạp", "Không bào"), "C", 0.67),
        Question("Đơn vị của lực là gì?", ("Jun", "Niutơn", "Oát", "Pascan"), "B", 0.71),
    ),
    "Tiếng Anh": (
        Question("If it rains, we ___ at home.", ("stay", "will stay", "stayed", "would stay"), "B", 0.57),
        Question("The opposite of “noisy” is …", ("quiet", "loud", "busy", "fast"), "A", 0.8),
    ),
    "Ngữ văn": (
        Question(
            "Từ “chân” trong “chân núi” được dùng theo nghĩa nào?", ("Nghĩa gốc", "Nghĩa chuyển"), "B", 0.75
        ),
        Question(
            "Truyền thuyết thường có yếu tố nào?", ("Kì ảo", "Số liệu", "Thời sự", "Quảng cáo"), "A", 0.86
        ),
    ),
}

UPPER_SECONDARY: Final = {
    "Toán": (
        Question("Đạo hàm của x³ là gì?", ("x²", "3x", "3x²", "x³"), "C", 0.76),
        Question("log₂ 8 bằng bao nhiêu?", ("2", "3", "4", "8"), "B", 0.7, "2³ = 8."),
    ),
    "Hóa học": (
        Question("Dung dịch nào làm quỳ tím hóa đỏ?", ("NaOH", "HCl", "NaCl", "Ca(OH)₂"), "B", 0.8),
        Question("Số oxi hóa của S trong H₂SO₄ là bao nhiêu?", ("+2", "+4", "+6", "-2"), "C", 0.6),
    ),
    "Tiếng Anh": (
        Question(
            "By the time we arrived, the film ___.",
            ("started", "had started", "has started", "starts"),
            "B",
            0.55,
        ),
    ),
    "Vật lí": (
        Question(
            "Vật rơi tự do 2 giây thì được bao nhiêu mét (g = 10 m/s²)?",
            ("10", "20", "30", "40"),
            "B",
            0.52,
            "s = g·t²/2 = 10 × 4 / 2 = 20 m.",
        ),
    ),
}

BY_LEVEL: Final = {
    Level.PRIMARY: PRIMARY,
    Level.LOWER_SECONDARY: LOWER_SECONDARY,
    Level.UPPER_SECONDARY: UPPER_SECONDARY,
}

OBJECTIVES: Final = {
    "Số nào lớn nhất?": "So sánh các số có năm chữ số",
    "Một hình chữ nhật dài 8 cm, rộng 5 cm. Chu vi là bao nhiêu?": "Chu vi hình chữ nhật",
    "3/4 của 20 quả cam là mấy quả?": "Tìm phân số của một số",
    "2 giờ 15 phút bằng bao nhiêu phút?": "Đổi đơn vị thời gian",
    "Từ nào là từ láy?": "Từ láy, từ ghép",
    "Câu “Mặt trời thức dậy sau rặng tre.” dùng biện pháp gì?": "Biện pháp so sánh, nhân hóa",
    "Chọn từ viết đúng chính tả.": "Chính tả s/x",
    "Kết quả của (-3)² là bao nhiêu?": "Lũy thừa của số nguyên",
    "Số nào là số nguyên tố?": "Số nguyên tố",
    "Tam giác có ba góc bằng nhau thì mỗi góc là bao nhiêu độ?": "Tổng ba góc của tam giác",
}
"""What a question is about, by its text."""
