"""A whole lesson of every kind of activity: a teacher at a laptop and with a phone, a projector, eight pupils.

With PICTURES=folder every screen is also saved there as it is looked at, to be judged with one's eyes.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import expect

from tests.browser.answering import BY_KEYBOARD, CLOSELY, PLAN, PLANNED, TITLE, answer_quick, answer_with_keys
from tests.browser.lesson import IN_CLASS, ON_THE_LIST, Lesson, School, look, school, sign_in, tick
from tests.browser.watching import LAPTOP, PHONE, PROJECTOR

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.watching import Windows

__all__ = ["school"]
PANELS: Final = (
    "Câu hỏi của học sinh", "Chia nhóm", "Mục tiêu chung, bảng xếp hạng", "Khách dự giờ", "Giáo viên cùng dạy",
)  # fmt: skip


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
            # A hand that clicks twice opens one question, locks none, and asks nothing else that moved under it.
            console_step(lesson).dblclick()
        ask(lesson, name, answer, AROUND.get(name, reveal))
    ask_at_once(lesson)
    end_and_look_back(lesson)
    assert lesson.faults == []


def console_step(lesson: Lesson) -> Locator:
    return lesson.console.get_by_role("button", name="Câu tiếp theo", exact=True)


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
        if number == BY_KEYBOARD:
            answer_with_keys(page, name)
        else:
            answer(page, number)
    for page in lesson.pupils:
        expect(page.get_by_text("Đã lưu ✓")).to_be_visible()
    expect(lesson.console.locator(".asking__count")).to_contain_text(f"{IN_CLASS} / {ON_THE_LIST}")
    expect(lesson.screen.get_by_text(f"{IN_CLASS} bạn đã trả lời")).to_be_visible()
    expect(lesson.screen.locator(".histogram, .board")).to_have_count(0)
    if is_looked_at_closely(name):
        lesson.look(lesson.screen, f"{name}-hoi-1920")
    around(lesson)
    expect(lesson.pupils[-1].get_by_text(re.compile("(Đáp án|Kết quả) đã hiện")).first).to_be_visible()
    # Two rounds take the whole width of the projector: the leaderboard waits for the next question.
    beside = lesson.screen.get_by_role("heading", name="Bảng xếp hạng")
    expect(beside).to_have_count(0 if around is discuss else 1)
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


def smallest_letters(screen: Page) -> float:
    """The size of what the answers' labels are set in, in pixels."""
    sizes = screen.locator(".histogram__label").evaluate_all(
        "(labels) => labels.map((label) => parseFloat(getComputedStyle(label).fontSize))"
    )
    return min(float(size) for size in sizes)


def assert_bar_is_low(remote: Page) -> None:
    """The remote's steps leave the phone to what they are about."""
    bar = remote.locator(".asking__next").bounding_box()
    assert bar
    assert bar["height"] <= PHONE[1] / 6


def discuss(lesson: Lesson) -> None:
    """Confidence, then a second round in which everybody finds the right answer."""
    for page in lesson.pupils[:3]:
        page.get_by_role("button", name="Chắc", exact=True).click()
    expect(lesson.console.get_by_text("3 em chắc chắn")).to_be_visible()
    lesson.next("Khóa câu trả lời")
    expect(lesson.console.get_by_text("2 em trong đó sai")).to_be_visible()
    expect(lesson.remote.get_by_role("button", name="Mở lại")).to_be_visible()
    assert_bar_is_low(lesson.remote)
    expect(lesson.pupils[1].locator(".choice.is-chosen")).to_contain_text("em đã chọn")
    lesson.next("Thảo luận rồi trả lời lại")
    expect(lesson.screen.get_by_text(re.compile("Thảo luận với bạn"))).to_be_visible()
    lesson.next("Mở trả lời lần 2")
    for page in lesson.pupils:
        expect(page.get_by_text("Đã lưu ✓")).to_have_count(0)
        page.get_by_role("button", name="Ô-xi").click()
    for page in lesson.pupils:
        expect(page.get_by_text("Đã lưu ✓")).to_be_visible()
    reveal(lesson)
    expect(lesson.console.get_by_text("Sau thảo luận: đúng từ 50% thành 100%.")).to_be_visible()
    right = lesson.screen.locator(".histogram__row.is-right")
    expect(right.locator(".histogram__round")).to_have_text(["Lần 14 (50%)", "Lần 28 (100%)"])
    expect(lesson.screen.get_by_text(f"{IN_CLASS} / 40")).to_be_visible()
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
    assert_bar_is_low(lesson.remote)
    lesson.next("Hạ tất cả")
    expect(first.get_by_role("button", name="Giơ tay")).to_be_visible()
    reveal(lesson)
    expect(lesson.screen.locator(".board > li").first).to_contain_text("Gia Bảo")
    expect(lesson.screen.locator(".histogram__label .katex")).to_have_count(4)
    # A 25th of the height, beside the leaderboard too, which is the narrowest that an option gets.
    assert smallest_letters(lesson.screen) >= PROJECTOR[1] / 25


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
    console.get_by_label("Chia theo").select_option(label="Chỗ ngồi gần nhau")
    console.get_by_role("button", name="Chia nhóm").click()
    expect(console.get_by_text("Lớp chưa có sơ đồ chỗ ngồi.")).to_be_in_viewport()
    console.get_by_label("Chia theo").select_option(label="Ngẫu nhiên")
    console.get_by_role("button", name="Chia nhóm").click()
    tick(console, re.compile("Chiếu nhóm"))
    expect(lesson.pupils[0].get_by_text(re.compile(r"Em ở nhóm \d"))).to_be_visible()
    expect(lesson.screen.locator(".screen__groups > li").first).to_be_visible()
    lesson.look(lesson.screen, "nhom-1920")
    lesson.look(console, "nhom-1366")
    tick(console, re.compile("Chiếu nhóm"), on=False)
    tick(console, "Chiếu tên được gọi")
    console.get_by_role("button", name="Gọi tên ngẫu nhiên").click()
    expect(lesson.screen.locator(".screen__lesson .screen__picked")).to_be_visible()
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


def choose_drawings(lesson: Lesson) -> None:
    """A wall of what the class drew; the projector shows what the teacher ticked, without names."""
    console = lesson.console
    expect(console.locator(".drawing svg, .drawing p")).to_have_count(IN_CLASS)
    lesson.look(console, "hinh-ve-1366")
    reveal(lesson)
    console.locator(".drawing").get_by_role("checkbox").first.check()
    expect(lesson.screen.locator(".drawing svg")).to_have_count(1)
    expect(lesson.screen.get_by_text("Bảo")).to_have_count(1)  # on the leaderboard, which is switched on
    lesson.look(lesson.screen, "hinh-ve-1920")


def show_a_formula(lesson: Lesson) -> None:
    """A device draws the formula without a file of KaTeX's; the projector has KaTeX, which old televisions can show."""
    pupil = lesson.pupils[0]
    expect(pupil.locator(".question math").first).to_be_visible()
    loaded = pupil.evaluate("performance.getEntriesByType('resource').map(entry => entry.name).join()")
    assert "maths" not in loaded
    assert "KaTeX" not in loaded
    expect(lesson.screen.locator(".question .katex").first).to_be_visible()
    pupil.get_by_role("button", name="Ẩn câu hỏi trên máy").click()
    expect(pupil.locator(".question")).to_have_count(0)
    pupil.get_by_role("button", name="Hiện câu hỏi trên máy").click()
    expect(pupil.locator(".question math").first).to_be_visible()
    reveal(lesson)


AROUND: Final = {
    "mot-dap-an": discuss,
    "nhieu-dap-an": raise_hands,
    "dung-sai": ask_the_teacher,
    "bon-y": divide,
    "cau-hoi-mo": moderate,
    "dien-so": show_a_formula,
    "ve-hinh": choose_drawings,
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
