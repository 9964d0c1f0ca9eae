"""A whole lesson of every kind of activity: a teacher at a laptop and with a phone, a projector, eight pupils.

With PICTURES=folder every screen is also saved there as it is looked at, to be judged with one's eyes.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from flask_security import hash_password
from playwright.sync_api import expect
from sqlalchemy import select, update

from app import clock, db
from app.access import Role
from app.accounts.models import User
from app.school.models import Pupil, SchoolClass
from app.school.queries import cards_of_pupils
from tests.browser.watching import LAPTOP, PHONE, PROJECTOR, accessibility_faults
from tests.installation import migrate, settings_for
from tests.world import MORNING, NAMES, add_pupil, build
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.watching import Windows
    from tests.conftest import Serve

PASSWORD: Final = "một câu dài dễ nhớ"
OTHERS: Final = (
    "Nguyễn Hoàng Phương Uyên", "Trần Gia Bảo", "Lê Thị Bảo", "Phạm Minh Khôi", "Công Tằng Tôn Nữ Bảo Trâm",
    "Y Blŏng Niê",
)  # fmt: skip
IN_CLASS: Final = 8
"""Pupils who come with a device; the others of the class are missing today."""
PLAN: Final = """Câu 1. Cây xanh nhả ra khí nào khi quang hợp?
*A. Ô-xi
B. Các-bô-níc {nhầm quang hợp với hô hấp}
C. Ni-tơ
D. Hơi nước
Giải thích: Quang hợp nhả ra ô-xi.
Mục tiêu: Quang hợp

Câu 2. Các số nào chia hết cho 3?
*A. 12
B. 14
*C. 27
D. 31

Câu 3. Trái Đất quay quanh Mặt Trời.
Đáp án: Đúng

Câu 4. Xét hình vuông cạnh 4 cm.
a) Chu vi là 16 cm. [Đ]
b) Diện tích là 8 cm². [S]
c) Hai đường chéo bằng nhau. [Đ]
d) Có đúng hai trục đối xứng. [S]

Câu 5. Ai lãnh đạo khởi nghĩa Lam Sơn?
Trả lời: Lê Lợi | Bình Định Vương

Câu 6. Chu vi hình tròn bán kính 1 cm là bao nhiêu?
Số: 6,28 ± 0,01
Đơn vị: cm

Câu 7. Xếp theo thời gian.
Thứ tự:
- Bạch Đằng
- Chi Lăng
- Điện Biên Phủ

Câu 8. Ghép nước với thủ đô.
Ghép:
- Lào = Viêng Chăn
- Thái Lan = Băng Cốc

Câu 9. Em nghĩ đến từ nào khi nói về mùa xuân? [đám mây từ 3]

Câu 10. Vì sao phải bảo vệ rừng? [câu hỏi mở]

Câu 11. Em thấy bài này khó đến mức nào? [thang đo 5]
Hai đầu: rất dễ | rất khó

Câu 12. [phiếu cuối tiết]
"""
PANELS: Final = (
    "Câu hỏi của học sinh", "Chia nhóm", "Mục tiêu chung, bảng xếp hạng", "Khách dự giờ", "Giáo viên cùng dạy",
)  # fmt: skip
TITLE: Final = "Ôn tập mọi loại câu"


@dataclass
class School:
    """A school with a class of twelve, a teacher who may sign in, and the codes of the pupils' cards by name."""

    url: str
    cards: dict[str, str]


@pytest.fixture
def school(serve: Serve, tmp_path: Path) -> School:
    folder = tmp_path / "instance"
    folder.mkdir()
    settings = settings_for(folder)
    migrate(settings)
    app = create_app(settings)
    world = build(app)
    with app.app_context(), clock.at(MORNING):
        with db.transaction() as session:
            own = session.get_one(SchoolClass, world.class_ids["own"])
            ids = [*world.pupil_ids["own"], *(add_pupil(session, own, name).id for name in OTHERS)]
            teacher = update(User).where(User.id == world.user_ids[Role.TEACHER])
            session.execute(teacher.values(password=hash_password(PASSWORD)))
        codes = cards_of_pupils(db.session(), ids, world.year_id)
        rows = db.session().execute(select(Pupil.id, Pupil.full_name).where(Pupil.id.in_(ids)))
        cards = {row.full_name: codes[row.id] for row in rows}
        db.db.session.remove()
        db.db.engine.dispose()
    assert len(cards) == len(NAMES) + len(OTHERS)
    return School(serve({"BANGXANH_NOW": "2026-10-05T07:05"}, folder).url, cards)


@dataclass
class Lesson:
    """Who looks at the lesson, and what has been looked at."""

    console: Page
    remote: Page
    screen: Page
    pupils: list[Page]
    faults: list[str] = field(default_factory=list)

    def look(self, page: Page, name: str) -> None:
        """Have axe-core look at a page as it stands."""
        self.faults += [f"{name}: {fault}" for fault in look(page, name)]

    def next(self, *words: str) -> None:
        """Tap the teacher's steps one after the other."""
        for word in words:
            self.console.get_by_role("button", name=word, exact=True).click()


def look(page: Page, name: str) -> list[str]:
    """Return what axe-core finds, and save a picture where somebody wants one."""
    if folder := os.environ.get("PICTURES"):
        page.wait_for_load_state("networkidle")
        Path(folder).mkdir(parents=True, exist_ok=True)
        # On a projector everything is a share of the height, which a picture of the whole page changes.
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=not name.endswith("1920"))
    return accessibility_faults(page)


def tick(page: Page, label: str | re.Pattern[str], *, on: bool = True) -> None:
    """Tap a switch and wait until the server has said that it is switched."""
    box = page.get_by_label(label)
    box.click()
    expect(box).to_be_checked(checked=on)


# --- how pupils answer --------------------------------------------------------------------------------------------


def send(page: Page) -> None:
    page.get_by_role("button", name="Gửi câu trả lời").click()


def answer_single(page: Page, number: int) -> None:
    page.get_by_role("button", name="Ô-xi" if number % 2 else "Các-bô-níc").click()


def answer_multiple(page: Page, number: int) -> None:
    for text in ("12", "27") if number else ("12", "14"):
        page.get_by_role("button", name=text).click()
    send(page)


def answer_truth(page: Page, number: int) -> None:
    page.get_by_role("button", name="Đúng" if number else "Sai", exact=True).click()


def answer_statements(page: Page, number: int) -> None:
    for letter, word in zip("abcd", ("Đúng", "Sai", "Đúng", "Sai" if number else "Đúng"), strict=True):
        page.get_by_role("group", name=f"Ý {letter}").get_by_role("button", name=word).click()
    send(page)


def answer_short(page: Page, number: int) -> None:
    page.get_by_label("Câu trả lời của em").fill(("lê lợi", "Le Loi", "Nguyễn Trãi")[number % 3])
    send(page)


def answer_number(page: Page, number: int) -> None:
    page.get_by_label("Số của em").fill(("6,28", "6.28", "3,14")[number % 3])
    send(page)


def answer_ordering(page: Page, number: int) -> None:
    if number:
        rows = page.locator(".arrange__row")
        for name in ("Bạch Đằng", "Chi Lăng"):
            goal = ("Bạch Đằng", "Chi Lăng").index(name)
            while name not in rows.nth(goal).inner_text():
                page.get_by_role("button", name=f"Đưa lên: {name}").click()
    send(page)


def answer_matching(page: Page, number: int) -> None:
    for left, right in (
        (("Lào", "Viêng Chăn"), ("Thái Lan", "Băng Cốc")) if number else (("Lào", "Băng Cốc"),)
    ):
        box = page.get_by_label(left)
        box.select_option(box.locator("option", has_text=right).get_attribute("value"))
    send(page)


def answer_words(page: Page, number: int) -> None:
    for place, phrase in enumerate(("hoa mai", "bánh chưng")[: 1 + number % 2], 1):
        page.get_by_label(f"Cụm từ {place}").fill(phrase)
    send(page)


def answer_text(page: Page, number: int) -> None:
    page.get_by_label("Câu trả lời của em").fill("Vì rừng giữ nước." if number else "Không biết")
    send(page)


def answer_scale(page: Page, number: int) -> None:
    page.get_by_role("button", name=str(1 + number % 5), exact=True).click()


def answer_exit(page: Page, number: int) -> None:
    page.get_by_role("button", name=("Đã hiểu", "Hiểu một phần")[number % 2], exact=True).click()
    if number == 1:
        page.get_by_label(re.compile("chưa rõ")).fill("Cách ghép đôi")
    send(page)


def answer_quick(page: Page, number: int) -> None:
    page.get_by_role("button", name="ABCD"[number % 4], exact=True).click()


PLANNED: Final = (
    ("mot-dap-an", answer_single), ("nhieu-dap-an", answer_multiple), ("dung-sai", answer_truth),
    ("bon-y", answer_statements), ("tra-loi-ngan", answer_short), ("dien-so", answer_number),
    ("sap-xep", answer_ordering), ("ghep-doi", answer_matching), ("dam-may-tu", answer_words),
    ("cau-hoi-mo", answer_text), ("thang-do", answer_scale), ("phieu-cuoi-tiet", answer_exit),
)  # fmt: skip
"""The plan's questions in their order: what a picture is called, and how a pupil answers."""
CLOSELY: Final = frozenset({"mot-dap-an", "bon-y", "ghep-doi", "dam-may-tu", "cau-hoi-mo"})


# --- the lesson ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_whole_lesson_of_every_kind(school: School, windows: Windows) -> None:
    teacher = windows.open(school.url, LAPTOP)
    sign_in(teacher)
    faults = write_a_plan(teacher)
    lesson = begin(school, windows, teacher)
    lesson.faults += faults
    switch_on_what_goes_beside(lesson)
    for place, (name, answer) in enumerate(PLANNED):
        if place:
            lesson.next("Câu tiếp theo")
        ask(lesson, name, answer, AROUND.get(name, reveal))
    ask_at_once(lesson)
    end_and_look_back(lesson)
    assert lesson.faults == []


def sign_in(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("Tên đăng nhập").fill(Role.TEACHER.value)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url("**/")


def write_a_plan(teacher: Page) -> list[str]:
    teacher.goto("/plans/new")
    teacher.get_by_label("Tên kế hoạch").fill(TITLE)
    teacher.get_by_label("Các câu hỏi").fill(PLAN)
    expect(teacher.locator("#preview")).to_contain_text("phiếu cuối tiết", ignore_case=True)
    faults = look(teacher, "ke-hoach-1366")
    teacher.get_by_role("button", name="Lưu kế hoạch").click()
    expect(teacher.get_by_role("link", name="Làm thử")).to_be_visible()
    return faults


def begin(school: School, windows: Windows, console: Page) -> Lesson:
    """Begin the lesson, open its other screens, and let eight pupils in."""
    console.goto("/lessons")
    faults = look(console, "tiet-hoc-hom-nay-1366")
    row = console.get_by_role("listitem").filter(has_text="Lớp 4/1")
    row.get_by_role("button", name="Bắt đầu tiết học").click()
    console.wait_for_url("**/console")
    remote = windows.open(school.url, PHONE, storage_state=console.context.storage_state())
    remote.goto(console.url)
    screen = windows.open(school.url, PROJECTOR)
    screen.goto(console.get_by_role("link", name="Màn hình chiếu").get_attribute("href") or "")
    code = re.sub(r"\W", "", console.locator(".console__code b").inner_text())
    pupils = [windows.open(school.url, PHONE) for _ in range(IN_CLASS)]
    lesson = Lesson(console, remote, screen, pupils, faults)
    for page, (name, card) in zip(pupils, school.cards.items(), strict=False):
        page.goto(f"/j/{code}")
        if page is pupils[0]:
            lesson.look(page, "em-la-ai-390")
        page.get_by_role("button", name=name).click()
        if page is pupils[0]:
            lesson.look(page, "ma-the-390")
        page.get_by_role("textbox").fill(card)
        page.keyboard.press("Enter")
        expect(page.get_by_text("Chờ thầy cô mở câu hỏi.")).to_be_visible()
    expect(console.get_by_text(f"{IN_CLASS} em đã vào lớp")).to_be_visible()
    expect(screen.get_by_text(f"{IN_CLASS} bạn đã vào lớp")).to_be_visible()
    lesson.look(console, "dieu-khien-cho-1366")
    lesson.look(screen, "man-hinh-chieu-cho-1920")
    lesson.look(pupils[0], "hoc-sinh-cho-390")
    return lesson


def switch_on_what_goes_beside(lesson: Lesson) -> None:
    """Confidence, pupils' questions, a goal and the leaderboard; then the plan's first question."""
    console = lesson.console
    tick(console, "Hỏi em có chắc không")
    for panel in PANELS:
        console.locator("summary", has_text=panel).click()
    tick(console, "Nhận câu hỏi của học sinh")
    console.get_by_label("Mục tiêu", exact=True).fill("40")
    console.get_by_role("button", name="Đặt mục tiêu").click()
    tick(console, "Chiếu bảng xếp hạng")
    expect(lesson.screen.get_by_text("0 / 40")).to_be_visible()
    console.get_by_role("button", name="Lấy từ kế hoạch").click()
    console.get_by_label("Lấy từ kế hoạch").select_option(label=f"{TITLE} ({len(PLANNED)})")
    plan = console.locator("section", has_text="Câu hỏi của tiết này")
    expect(plan.get_by_role("listitem")).to_have_count(len(PLANNED))
    lesson.look(console, "dieu-khien-bang-phu-1366")
    plan.get_by_role("button", name="Mở trả lời").first.click()


def ask(
    lesson: Lesson, name: str, answer: Callable[[Page, int], None], around: Callable[[Lesson], None]
) -> None:
    """Have all pupils answer the question that was opened; then what its kind is there for, up to the reveal."""
    expect(lesson.console.get_by_role("button", name="Khóa câu trả lời")).to_be_visible()
    for number, page in enumerate(lesson.pupils):
        expect(page.get_by_text("Đã lưu ✓")).to_have_count(0)
        if number == 0:
            expect(page.get_by_text(re.compile("Chạm vào|bấm Gửi"))).to_be_visible()
            lesson.look(page, f"{name}-hoi-390")
        answer(page, number)
        expect(page.get_by_text("Đã lưu ✓")).to_be_visible()
    expect(lesson.console.locator(".asking__count")).to_contain_text(f"{IN_CLASS} / {IN_CLASS}")
    expect(lesson.screen.get_by_text(f"{IN_CLASS} bạn đã trả lời")).to_be_visible()
    expect(lesson.screen.locator(".histogram, .board")).to_have_count(0)
    if is_looked_at_closely(name):
        lesson.look(lesson.screen, f"{name}-hoi-1920")
    around(lesson)
    expect(lesson.pupils[-1].get_by_text("Đáp án đã hiện.").first).to_be_visible()
    expect(lesson.screen.get_by_role("heading", name="Bảng xếp hạng")).to_be_visible()
    if is_looked_at_closely(name):
        lesson.look(lesson.pupils[-1], f"{name}-dap-an-390")
        lesson.look(lesson.screen, f"{name}-dap-an-1920")
    # Nobody can scroll a television.
    lesson.screen.wait_for_function("() => document.documentElement.scrollHeight <= innerHeight")


def is_looked_at_closely(name: str) -> bool:
    """Whether to look at every screen of this question: at each kind of layout once, at all when pictures are taken."""
    return name in CLOSELY or "PICTURES" in os.environ


def reveal(lesson: Lesson) -> None:
    lesson.next("Khóa câu trả lời")
    lesson.console.get_by_role("button", name=re.compile("Hiện đáp án|Hiện kết quả")).click()


def discuss(lesson: Lesson) -> None:
    """Confidence, then a second round in which everybody finds the right answer."""
    for page in lesson.pupils[:3]:
        page.get_by_role("button", name="Chắc", exact=True).click()
    expect(lesson.console.get_by_text("3 em chắc chắn")).to_be_visible()
    lesson.next("Khóa câu trả lời")
    expect(lesson.console.get_by_text("2 em trong đó sai")).to_be_visible()
    lesson.next("Thảo luận rồi trả lời lại")
    expect(lesson.screen.get_by_text(re.compile("Thảo luận với bạn"))).to_be_visible()
    lesson.next("Mở trả lời lần 2")
    for page in lesson.pupils:
        expect(page.get_by_text("Đã lưu ✓")).to_have_count(0)
        page.get_by_role("button", name="Ô-xi").click()
        expect(page.get_by_text("Đã lưu ✓")).to_be_visible()
    reveal(lesson)
    expect(lesson.console.get_by_text("Sau thảo luận: đúng từ 50% thành 100%.")).to_be_visible()
    expect(lesson.screen.get_by_role("heading", name="Lần 2")).to_be_visible()
    expect(lesson.screen.get_by_text(f"{IN_CLASS} / 40")).to_be_visible()
    expect(lesson.screen.locator(".board > li").first).to_contain_text("Gia Bảo")
    expect(lesson.pupils[0].get_by_text("Em trả lời đúng.")).to_be_visible()
    lesson.look(lesson.console, "hai-lan-1366")


def raise_hands(lesson: Lesson) -> None:
    """Hands in their order, put down by the teacher; the meter, which names nobody."""
    console, (first, second, *_) = lesson.console, lesson.pupils
    first.get_by_role("button", name="Giơ tay").click()
    expect(console.get_by_text("1 em giơ tay")).to_be_visible()
    second.get_by_role("button", name="Giơ tay").click()
    expect(console.locator(".hands li")).to_have_count(2)
    second.get_by_role("button", name="Em chưa theo kịp").click()
    first.get_by_role("button", name="Em hiểu").click()
    expect(console.locator(".meter__now")).to_contain_text("Chưa theo kịp: 1 em")
    lesson.look(lesson.remote, "dieu-khien-tu-xa-390")
    lesson.next("Hạ tất cả")
    expect(first.get_by_role("button", name="Giơ tay")).to_be_visible()
    reveal(lesson)


def ask_the_teacher(lesson: Lesson) -> None:
    """A pupil's question waits for the teacher, then the class may want it too, and the projector shows it."""
    console, (asker, voter, *_) = lesson.console, lesson.pupils
    asker.get_by_label("Câu hỏi của em").fill("Vì sao Trái Đất quay?")
    asker.get_by_role("button", name="Gửi câu hỏi").click()
    expect(asker.get_by_text("chờ thầy cô xem")).to_be_visible()
    expect(voter.get_by_text("Vì sao Trái Đất quay?")).to_have_count(0)
    console.get_by_role("button", name="Duyệt", exact=True).click()
    voter.get_by_role("button", name=re.compile("Em cũng muốn hỏi câu này")).click()
    expect(console.get_by_text("1 bình chọn")).to_be_visible()
    tick(console, "Chiếu câu hỏi đã duyệt")
    expect(lesson.screen.get_by_text("Vì sao Trái Đất quay?")).to_be_visible()
    lesson.look(lesson.screen, "cau-hoi-cua-lop-1920")
    lesson.look(voter, "cau-hoi-cua-lop-390")
    tick(console, "Chiếu câu hỏi đã duyệt", on=False)
    reveal(lesson)


def divide(lesson: Lesson) -> None:
    """Groups by chance, on the projector and on each pupil's own device; and somebody is called."""
    console = lesson.console
    console.get_by_role("button", name="Chia nhóm").click()
    tick(console, re.compile("Chiếu nhóm"))
    expect(lesson.pupils[0].get_by_text(re.compile(r"Em ở nhóm \d"))).to_be_visible()
    expect(lesson.screen.locator(".screen__groups > li").first).to_be_visible()
    lesson.look(lesson.screen, "nhom-1920")
    lesson.look(console, "nhom-1366")
    tick(console, re.compile("Chiếu nhóm"), on=False)
    tick(console, "Chiếu tên được gọi")
    console.get_by_role("button", name="Gọi tên ngẫu nhiên").click()
    expect(lesson.screen.locator(".screen__picked")).to_be_visible()
    reveal(lesson)


def moderate(lesson: Lesson) -> None:
    """No open text reaches the projector before the teacher picks it."""
    reveal(lesson)
    expect(lesson.screen.get_by_role("heading", name="Bảng xếp hạng")).to_be_visible()
    expect(lesson.screen.get_by_text("Vì rừng giữ nước.")).to_have_count(0)
    tick(lesson.console, re.compile("Vì rừng giữ nước"))
    expect(lesson.screen.get_by_text("Vì rừng giữ nước.")).to_be_visible()
    expect(lesson.screen.get_by_text("Không biết")).to_have_count(0)
    lesson.look(lesson.console, "duyet-cau-tra-loi-1366")


AROUND: Final = {
    "mot-dap-an": discuss,
    "nhieu-dap-an": raise_hands,
    "dung-sai": ask_the_teacher,
    "bon-y": divide,
    "cau-hoi-mo": moderate,
}
"""What happens beside a question before it is revealed."""


def ask_at_once(lesson: Lesson) -> None:
    """A question that stands on the board alone: asked from the phone, solved after it was answered."""
    lesson.remote.get_by_role("button", name="Hỏi nhanh A B C D").click()
    ask(lesson, "hoi-nhanh", answer_quick, solve)
    expect(lesson.pupils[1].get_by_text("Em trả lời đúng.")).to_be_visible()


def solve(lesson: Lesson) -> None:
    lesson.next("Khóa câu trả lời")
    lesson.console.get_by_role("group", name="Đáp án đúng là").get_by_role("button", name="B").click()
    lesson.next("Hiện đáp án")


def end_and_look_back(lesson: Lesson) -> None:
    console = lesson.console
    lesson.next("Kết thúc tiết học", "Kết thúc")
    expect(lesson.pupils[0].get_by_text("Tiết học đã kết thúc")).to_be_visible()
    expect(lesson.screen.get_by_role("heading", name="Bảng xếp hạng")).to_be_visible()
    lesson.look(lesson.screen, "ket-thuc-1920")
    lesson.look(lesson.pupils[0], "ket-thuc-390")
    console.get_by_role("link", name="Xem kết quả").click()
    expect(console.get_by_role("heading", name="Từng học sinh")).to_be_visible()
    expect(console.get_by_role("listitem").filter(has_text="Cách ghép đôi")).to_be_visible()
    lesson.look(console, "ket-qua-1366")
    console.get_by_role("link", name="Kết quả theo mục tiêu").click()
    expect(console.get_by_role("cell", name=f"{IN_CLASS}/{IN_CLASS}")).to_be_visible()
    lesson.look(console, "muc-tieu-1366")
