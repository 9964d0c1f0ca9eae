"""A presentation on its way: uploaded, drawn once, on a plan, in a lesson, on the projector, and afterwards."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Final

import pytest
from PIL import Image
from sqlalchemy import func, select

from app import clock, db
from app.access import Role
from app.errors import InvalidError
from app.jobs import Job
from classroom.activities.models import Activity
from classroom.activities.rules import Content, Kind, Move
from classroom.bank.commands import take_into_lesson
from classroom.bank.models import LessonPlan
from classroom.lessons.models import Lesson
from classroom.lessons.rules import screen_token
from classroom.slides.commands.rendering import converted
from classroom.slides.commands.sweeping import KEPT, sweep_files
from classroom.slides.models import PlanDeck, SlideFile
from classroom.slides.queries import folder_of, handed_on
from classroom.slides.rules import FileState, suffix_of
from tests.classroom.held import begin
from tests.classroom.slides.papers import ENCRYPTED, paper
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.world import World

TEXTS: Final = ("Quang hợp", "Lá cây", "Rễ cây")


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with clock.at(MORNING):
        yield


def upload(
    client: FlaskClient, content: bytes, op_id: str = "op-000001", to: str = "from-slides"
) -> TestResponse:
    file = (BytesIO(content), "Bài 5 – Quang hợp.pdf")
    return client.post(f"/plans/{to}", data={"file": file, "op_id": op_id})


def pptx(size: int = 10) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ppt/presentation.xml", b"<p/>")
        archive.writestr("ppt/media/image1.bin", b"\0" * size)
    return held.getvalue()


def test_a_plan_begins_with_a_presentation_that_is_drawn_once(world: World) -> None:
    client, content = world.client(Role.TEACHER), paper(*TEXTS)
    first = upload(client, content)
    assert upload(client, content).location == first.location, "sent twice is one plan"
    again = upload(client, content, "op-000002")
    assert again.location != first.location
    for made in (first, again):
        assert "[tệp 1, trang 1-3]" in client.get(made.location).text
    with world.app.app_context():
        session = db.session()
        assert session.scalar(select(func.count()).select_from(SlideFile)) == 1
        assert session.scalar(select(func.count()).where(Job.kind == "slides.draw")) == 1
        decks = session.scalars(select(PlanDeck.id)).all()
    for size, longest in (("l", 1600), ("s", 640)):
        answer = client.get(f"/decks/{decks[0]}/picture?page=2&size={size}")
        assert Image.open(BytesIO(answer.data)).size[0] == longest
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert client.get(f"/decks/{decks[0]}/picture?page=4").status_code == 404
    other = world.client(Role.HOMEROOM_TEACHER)
    assert other.get(f"/decks/{decks[0]}/picture").status_code == 404, "a plan that nobody shared"


def test_slides_are_put_between_questions_and_go_with_a_copy(world: World) -> None:
    client = world.client(Role.TEACHER)
    text = "Câu 1. 1 + 1 = ?\nA. 1\n*B. 2"
    plan = client.post("/plans", data={"op_id": "op-000001", "title": "Ôn tập", "text": text}).location
    upload(client, paper(*TEXTS), "op-000002", f"{plan.rsplit('/', 1)[1]}/slides")
    number = plan.rsplit("/", 1)[1]
    added = client.post(f"/plans/preview?plan={number}&add=1", data={"text": text}).text
    assert "[tệp 1, trang 1-3]" in added
    mixed = f"[tệp 1, trang 1]\n{text}\n[trang 2-3]"
    saved = client.post(
        plan, data={"op_id": "op-000003", "seen_version": 1, "title": "Ôn tập", "text": mixed}
    )
    assert saved.status_code == 302
    client.post(f"{plan}/share", data={"shared": "1"})
    colleague = world.client(Role.HOMEROOM_TEACHER)
    assert "Trang chiếu 3" in colleague.get(plan).text
    copied = colleague.post(f"{plan}/copy", data={"op_id": "op-000004"}).location
    assert "[tệp 1, trang 2-3]" in colleague.get(copied).text
    tried = client.post(f"{plan}/try", json={"number": 1, "answer": ["B"]})
    assert (tried.json or {})["share"] == 1, "trying out asks the questions alone"
    with world.app.app_context():
        assert db.session().scalars(select(LessonPlan.question_count)).all() == [1, 1]


def text_of(client: FlaskClient, plan: str) -> str:
    return client.get(plan).text.partition('id="plan-text"')[2].partition(">")[2].partition("</textarea>")[0]


def test_a_file_that_nothing_shows_is_let_go_of_and_one_that_something_shows_never(world: World) -> None:
    client, text = world.client(Role.TEACHER), "Câu 1. 1 + 1 = ?\nA. 1\n*B. 2"
    plan = client.post("/plans", data={"op_id": "op-000001", "title": "Ôn tập", "text": text}).location
    unused, used = paper("Không dùng"), paper("Quang hợp")
    upload(client, unused, "op-000002", f"{plan.rsplit('/', 1)[1]}/slides")
    shown = upload(client, used, "op-000003").location
    with world.app.app_context():
        decks = db.session().scalars(select(PlanDeck).order_by(PlanDeck.id)).all()
        folders = [
            folder_of(world.app.extensions["bangxanh.settings"].instance, sha256)
            for sha256 in db.session().scalars(select(SlideFile.sha256).order_by(SlideFile.id))
        ]
        ids = [deck.id for deck in decks]
    for number, deck in enumerate(ids):
        client.post(f"/decks/{deck}/take-out", data={"op_id": f"op-00001{number}"})
    left = [[True, True], [False, True], [False, True]]
    for days, stand in zip((KEPT.days - 1, KEPT.days + 1, 400), left, strict=True):
        with world.app.app_context(), clock.at(MORNING + timedelta(days=days)):
            sweep_files(world.app.extensions["bangxanh.settings"].instance)
            assert [folder.exists() for folder in folders] == stand, "an earlier version names the second"
    client.post(f"/decks/{ids[0]}/put-back", data={"op_id": "op-000020"})
    assert "Hãy tải lên lại." in client.get(plan).text
    upload(client, unused, "op-000021", f"{plan.rsplit('/', 1)[1]}/slides")
    with world.app.app_context():
        assert set(db.session().scalars(select(SlideFile.state))) == {FileState.READY}
    client.post(f"/decks/{ids[1]}/put-back", data={"op_id": "op-000022"})
    assert client.get(f"/decks/{ids[1]}/picture?page=1").status_code == 200
    assert "[tệp 1, trang 1]" in client.get(shown).text


def test_a_file_is_taken_out_of_its_plan_and_put_back_while_lessons_keep_it(world: World) -> None:
    client, text = world.client(Role.TEACHER), "Câu 1. 1 + 1 = ?\n[hình 1]\nA. 1\n*B. 2"
    plan = client.post(
        "/plans", data={"op_id": "op-000001", "title": "Ôn tập", "text": "1 = ?\nA. 1\n*B. 2"}
    ).location
    number = int(plan.rsplit("/", 1)[1])
    upload(client, paper(*TEXTS), "op-000002", f"{number}/slides")
    mixed = {"title": "Ôn tập", "text": f"[trang 1-2]\n{text}\n[trang 3]"}
    client.post(plan, data=mixed | {"op_id": "op-000003", "seen_version": 1})
    with world.app.app_context():
        held = begin(world)
        slide = take_into_lesson(held.lesson_id, number, "op-000009")[0]
        deck = db.session().scalars(select(PlanDeck.id)).one()
    stranger, once = world.client(Role.HOMEROOM_TEACHER), {"op_id": "op-000010"}
    client.post(f"{plan}/share", data={"shared": "1"})
    assert stranger.post(f"/decks/{deck}/take-out", data=once).status_code == 404
    assert client.post(f"/decks/{deck}/take-out").status_code == 422, "no op_id"
    for _ in range(2):
        left = client.post(f"/decks/{deck}/take-out", data=once, follow_redirects=True).text
        assert "Tệp đã bỏ khỏi kế hoạch" in left
    assert text_of(client, plan) == "Câu 1. 1 + 1 = ?\nA. 1\n*B. 2", "the question stays, without its picture"
    assert client.get(f"/decks/{deck}/picture").status_code == 200, "the owner looks at an earlier version"
    assert stranger.get(f"/decks/{deck}/picture").status_code == 404
    assert client.get(f"/slides/{slide}").status_code == 200, "frozen in the lesson"
    copied = stranger.post(f"{plan}/copy", data={"op_id": "op-000011"}).location
    assert "take-out" not in stranger.get(copied).text, "a copy begins without it"
    upload(client, paper("Khác"), "op-000012", f"{number}/slides")
    assert "Tệp 2</b>" in client.get(plan).text, "its number is not given again"
    client.post(f"/decks/{deck}/put-back", data={"op_id": "op-000013"})
    assert text_of(client, plan) == f"[tệp 1, trang 1-2]\n\n{text}\n\n[tệp 1, trang 3]"


def test_an_earlier_version_brings_its_file_along(world: World) -> None:
    client = world.client(Role.TEACHER)
    plan = upload(client, paper(*TEXTS)).location.partition("#")[0]
    with world.app.app_context():
        deck = db.session().scalars(select(PlanDeck.id)).one()
    client.post(f"/decks/{deck}/take-out", data={"op_id": "op-000002"})
    assert not text_of(client, plan).strip()
    client.post(f"{plan}/restore", data={"op_id": "op-000003", "number": 2})
    assert "[tệp 1, trang 1-3]" in text_of(client, plan)
    assert "Tệp đã bỏ" not in client.get(plan).text
    client.post(f"/decks/{deck}/put-back", data={"op_id": "op-000004"})
    assert "[tệp 1, trang 1-3]" in text_of(client, plan), "it hangs there already"
    # Taken out, and something else written since: the file alone comes back.
    client.post(f"/decks/{deck}/take-out", data={"op_id": "op-000005"})
    other = {"title": "Khác", "text": "1 = ?\nA. 1\n*B. 2", "op_id": "op-000006", "seen_version": 5}
    client.post(plan, data=other)
    client.post(f"/decks/{deck}/put-back", data={"op_id": "op-000007"})
    assert text_of(client, plan).startswith("Câu 1. 1 = ?")
    assert "take-out" in client.get(plan).text


FAULTY: Final = {
    "encrypted": ENCRYPTED,
    "broken": b"%PDF-1.7 nothing in it",
    "shape": paper("dài", width="2cm", height="20cm"),
    "pages": paper(*["."] * 201),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_hostile_file_is_refused_in_words_and_harms_nobody(world: World, fault: str) -> None:
    client = world.client(Role.TEACHER)
    page = client.get(upload(client, FAULTY[fault]).location)
    assert 'class="alert' in page.text
    with world.app.app_context():
        file = db.session().scalars(select(SlideFile)).one()
        assert (file.state, file.fault) == (FileState.REFUSED, fault)


def test_what_claims_to_be_huge_is_drawn_small(world: World) -> None:
    """A page of five metres with a picture of 60,000 x 60,000 pixels: only its shape counts."""
    flood = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 14400 9000]/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R>>endobj
4 0 obj<</Type/XObject/Subtype/Image/Width 60000/Height 60000/ColorSpace/DeviceRGB/BitsPerComponent 8/Length 3>>stream
abc
endstream
endobj
5 0 obj<</Length 33>>stream
q 14400 0 0 9000 0 0 cm /I Do Q
endstream
endobj
trailer<</Root 1 0 R>>
"""
    client = world.client(Role.TEACHER)
    upload(client, flood)
    with world.app.app_context():
        deck = db.session().scalars(select(PlanDeck.id)).one()
    assert Image.open(BytesIO(client.get(f"/decks/{deck}/picture").data)).size == (1600, 1000)


def test_what_is_no_pdf_is_said_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = world.client(Role.TEACHER)
    monkeypatch.setenv("PATH", "/nowhere")
    for content, words in ((b"MZ", "không phải tệp PDF"), (pptx(), "chỉ nhận PDF")):
        refused = upload(client, content)
        assert (refused.status_code, words in refused.text) == (422, True)
    assert suffix_of("a.pptx", pptx(), takes_pptx=True) == "pptx"
    with pytest.raises(InvalidError, match="giải nén"):
        suffix_of("bomb.pptx", pptx(401 * 1024**2), takes_pptx=True)


OFFICE: Final = """#!{python}
import json, os, pathlib, socket, sys
arguments = sys.argv[1:]
folder = pathlib.Path(arguments[arguments.index("--outdir") + 1])
(folder / "source.pdf").write_bytes(pathlib.Path({pdf!r}).read_bytes())
seen = {{"arguments": arguments, "names": sorted(os.environ), "network": [name for _, name in socket.if_nameindex()]}}
pathlib.Path({seen!r}).write_text(json.dumps(seen))
"""


def test_powerpoint_is_converted_apart_from_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf, seen, office = tmp_path / "made.pdf", tmp_path / "seen.json", tmp_path / "soffice"
    pdf.write_bytes(paper("PowerPoint"))
    office.write_text(OFFICE.format(python=sys.executable, pdf=str(pdf), seen=str(seen)))
    office.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("BANGXANH_SECRET", "x")
    workshop = tmp_path / "workshop"
    workshop.mkdir()
    assert converted(tmp_path / "source.pptx", workshop).read_bytes().startswith(b"%PDF-")
    said = json.loads(seen.read_text())
    assert any(one == f"-env:UserInstallation={(workshop / 'profile').as_uri()}" for one in said["arguments"])
    assert not {"BANGXANH_SECRET"} & set(said["names"])
    assert set(said["network"]) <= {"lo"} or not os.access("/proc/self/ns/net", os.R_OK)


def test_a_lesson_shows_its_slides_to_those_who_may_and_keeps_them(world: World) -> None:
    client = world.client(Role.TEACHER)
    made = upload(client, paper(*TEXTS)).location
    with world.app.app_context():
        held = begin(world)
        first, second, _ = take_into_lesson(
            held.lesson_id, int(made.rsplit("/", 1)[1].split("#")[0]), "op-000009"
        )
        held.move(first, Move.SHOW)
        held.seat(held.pupils[0], "a-token")
        lesson = db.session().get_one(Lesson, held.lesson_id)
        token = screen_token(str(world.app.secret_key), lesson.id, lesson.screen_nonce)
        lesson_id, away = lesson.id, held.pupils[1]
    screen = world.app.test_client()
    assert screen.get(f"/screen/{lesson_id}/{token}/slide?slide={first}").status_code == 200
    assert screen.get(f"/screen/{lesson_id}/{token}/slide?slide={second}").status_code == 404, "not shown yet"
    assert screen.get(f"/screen/{lesson_id}/{'0' * 24}/slide?slide={first}").status_code == 404
    device = world.app.test_client()
    assert device.get(f"/j/slide?slide={first}").status_code == 404
    device.set_cookie("bx_seat", "a-token")
    small = device.get(f"/j/slide?slide={first}")
    assert Image.open(BytesIO(small.data)).size[0] == 640
    assert device.get(f"/j/slide?slide={second}").status_code == 404
    assert client.get(f"/slides/{second}").status_code == 200, "the teacher looks ahead"
    homeroom = world.client(Role.HOMEROOM_TEACHER)
    page = homeroom.get(f"/pupils/{away}/slides?lesson={lesson_id}").text
    assert "không vào tiết này" in page
    assert homeroom.get(f"/pupils/{away}/slide?slide={first}").status_code == 200
    assert homeroom.get(f"/pupils/{away}/slide?slide={second}").status_code == 404
    # What becomes of the plan changes nothing in the lesson.
    client.post(f"{made}/archive")
    with world.app.app_context():
        assert db.session().get_one(Activity, first).kind == "slide"
    assert f"/slides/{first}" in client.get(f"/lessons/{lesson_id}").text


def test_what_was_asked_on_the_spot_is_not_handed_on(world: World) -> None:
    """Without words of its own it was about what the teacher said: there is nothing to read again."""
    with world.app.app_context():
        held = begin(world)
        asked = [held.ask(Content(Kind.TRUE_FALSE, question)) for question in ("", "Trái Đất tròn.")]
        for one in asked:
            held.move(one, Move.CLOSE)
            held.move(one, Move.REVEAL)
        assert [one.id for one in handed_on(db.session(), held.lesson_id)] == asked[1:]


def picture(form: str, size: tuple[int, int]) -> bytes:
    made = BytesIO()
    Image.new("RGB", size, "blue").save(made, form)
    return made.getvalue()


def test_a_picture_belongs_to_a_question_from_the_plan_to_every_screen(world: World) -> None:
    client = world.client(Role.TEACHER)
    made = upload(client, paper(*TEXTS)).location.split("#")[0]
    number = made.rsplit("/", 1)[1]
    for place, content in enumerate((picture("JPEG", (600, 400)), picture("PNG", (90, 900)))):
        assert upload(client, content, f"op-picture-{place}", f"{number}/slides").status_code == 302
    with world.app.app_context():
        assert set(db.session().scalars(select(SlideFile.state))) == {FileState.READY}, (
            "a strip gets a margin"
        )
    text = "Câu 1. Hình gì?\n[hình 2]\nTrả lời: chữ nhật\n\nCâu 2. Đúng?\n[hình 1, trang 3]\nĐáp án: Đúng"
    saving = {"title": "Có hình", "text": text, "op_id": "op-000004", "seen_version": 2}
    refused = client.post(made, data=saving | {"text": text.replace("hình 2", "hình 7")})
    assert (refused.status_code, "tệp trình chiếu số 7" in refused.text) == (422, True)
    assert client.post(made, data=saving).status_code == 302
    page = client.get(made).text
    assert "[hình 2]" in page
    assert "[hình 1, trang 3]" in page
    assert 'class="figure"' in page
    assert "picture?page=3" in client.get(f"{made}/try").text
    with world.app.app_context():
        held = begin(world)
        first, second = take_into_lesson(held.lesson_id, int(number), "op-000009")
        held.move(first, Move.OPEN)
        held.seat(held.pupils[0], "a-token")
    device = world.app.test_client()
    device.set_cookie("bx_seat", "a-token")
    assert Image.open(BytesIO(device.get(f"/j/slide?slide={first}").data)).size == (640, 427)
    assert device.get(f"/j/slide?slide={second}").status_code == 404, "not asked yet"
    assert client.get(f"/slides/{second}").status_code == 200, "the teacher looks ahead"
    homeroom, address = world.client(Role.HOMEROOM_TEACHER), f"/pupils/{held.pupils[1]}"
    assert "Hình gì?" not in homeroom.get(f"{address}/slides").text, "while it is asked nothing is handed on"
    with world.app.app_context():
        for move in (Move.CLOSE, Move.REVEAL):
            held.move(first, move)
    page = homeroom.get(f"{address}/slides").text
    assert [words in page for words in ("Hình gì?", "chữ nhật", "không vào tiết này", "Đúng?")] == [
        True,
        True,
        True,
        False,
    ]
    assert [homeroom.get(f"{address}/slide?slide={one}").status_code for one in (first, second)] == [200, 404]
