"""Following a case: number and code open it, the number alone shows nothing to anyone."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

import pytest

from hotline.casework import SYSTEM_ACTOR, Actor, Case, by_number
from hotline.clock import ManualClock
from hotline.messages.wording import evaluation_path
from hotline.public import limits, papers
from hotline.public.face import Face
from hotline.public.intake import Request, submit
from hotline.settings import Settings
from hotline.store import Database
from hotline.tickets.birth import CallFacts, open_tickets

BUREAU = Actor("ju", frozenset({"bureau"}))
JPEG = b"\xff\xd8\xff\xe0" + b"photo" * 40 + b"\xff\xd9"
WORD = ("[Content_Types].xml", "word/document.xml")
PDF = b"%PDF-1.7\n" + b"1 0 obj\n" * 20 + b"%%EOF\n"

Open = Callable[..., Awaitable[Case]]


@pytest.fixture
def aid(face: Face, database: Database, clock: ManualClock) -> Open:
    async def opened(**more: Any) -> Case:
        given = {
            "caller_name": "张小兰",
            "matter": "civil",
            "title": "拖欠工资",
            "phone": "13900001111",
        }
        request = Request("legal_aid", given | more, f"m-{clock.now().timestamp()}-{len(more)}")
        async with database.write() as session:
            lists = await face.lists(session)
            return await submit(face.desk, session, request, lists, clock.now())

    return opened


async def entered(visitor: Any, face: Face, case: Case) -> Any:
    one = visitor()
    code = face.codes.code(case.number)
    answer = await one.post("/public/follow", {"number": case.number, "code": code})
    assert answer.status == 303, answer.text
    return one


async def test_number_and_code_open_the_case(visitor: Any, face: Face, aid: Open) -> None:
    case = await aid()
    one = await entered(visitor, face, case)
    page = (await one.get(f"/public/cases/{case.number}")).text
    assert "法律援助" in page
    assert "已登记" in page
    assert "拖欠工资" in page
    assert face.codes.code(case.number) not in page


async def test_spaces_and_full_width_digits_are_understood(
    visitor: Any, face: Face, aid: Open
) -> None:
    case = await aid()
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    code = face.codes.code(case.number).translate(wide)
    number = f"{case.number[:6]} {case.number[6:]}"
    answer = await visitor().post("/public/follow", {"number": number, "code": code})
    assert answer.status == 303


async def test_a_stolen_number_shows_nothing(visitor: Any, aid: Open) -> None:
    case = await aid()
    stranger = visitor()
    known = await stranger.get(f"/public/cases/{case.number}")
    unknown = await stranger.get("/public/cases/2611242099999")
    for page in (known.text, unknown.text):
        assert "拖欠工资" not in page
        assert "法律援助" not in page.partition("<main")[2]
    assert known.status == unknown.status
    strip = re.compile(r'value="[^"]*"|data-[a-z]+="[^"]*"')
    assert strip.sub("", known.text) == strip.sub("", unknown.text).replace(
        "2611242099999", case.number
    )


async def test_wrong_codes_and_unknown_numbers_get_one_answer(
    visitor: Any, face: Face, aid: Open
) -> None:
    case = await aid()
    wrong = f"{(int(face.codes.code(case.number)) + 1) % 10**6:06}"
    one = visitor()
    known = await one.post("/public/follow", {"number": case.number, "code": wrong})
    unknown = await one.post("/public/follow", {"number": "2611242099999", "code": wrong})
    assert known.status == unknown.status == 422
    for answer in (known, unknown):
        assert "编号或查询码不对" in answer.text


@pytest.mark.parametrize("exists", [True, False])
async def test_a_number_rests_after_too_many_wrong_codes(
    visitor: Any, face: Face, aid: Open, clock: ManualClock, exists: bool
) -> None:
    case = await aid()
    number = case.number if exists else "2611242099999"
    right = face.codes.code(number)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    one = visitor()
    for _ in range(limits.TRIES):
        await one.post("/public/follow", {"number": number, "code": wrong})
    resting = await one.post("/public/follow", {"number": number, "code": right})
    assert resting.status == 429
    assert "30 分钟" in resting.text
    clock.advance(limits.REST.total_seconds() + 1)
    later = await one.post("/public/follow", {"number": number, "code": right})
    assert later.status == (303 if exists else 422)


async def test_half_an_hour_later_the_code_is_asked_for_again(
    visitor: Any, face: Face, aid: Open, clock: ManualClock
) -> None:
    case = await aid()
    one = await entered(visitor, face, case)
    clock.advance(1801)
    assert "拖欠工资" not in (await one.get(f"/public/cases/{case.number}")).text


async def test_leaving_forgets_the_case(visitor: Any, face: Face, aid: Open) -> None:
    case = await aid()
    page = f"/public/cases/{case.number}"
    one = await entered(visitor, face, case)
    assert (await one.post("/public/leave", {}, page)).to == "/public"
    assert "拖欠工资" not in (await one.get(page)).text


async def test_what_staff_wrote_is_not_shown(
    visitor: Any, face: Face, aid: Open, database: Database, clock: ManualClock
) -> None:
    case = await aid(means="declared")
    async with database.write() as session:
        await face.desk.act(session, case.id, "apply", actor=BUREAU, now=clock.now())
        given = {"lacking": "收入证明", "correct_by": "2026-12-01"}
        note = "怀疑材料不实，内部核查"
        await face.desk.act(
            session, case.id, "ask_correction", given, actor=BUREAU, now=clock.now(), note=note
        )
    one = await entered(visitor, face, case)
    page = (await one.get(f"/public/cases/{case.number}")).text
    assert "等待您补充材料" in page
    assert "内部核查" not in page
    assert "申请人：" not in page


async def test_the_applicant_goes_on_with_the_case(
    visitor: Any, face: Face, aid: Open, database: Database, clock: ManualClock
) -> None:
    case = await aid(means="declared")
    async with database.write() as session:
        await face.desk.act(session, case.id, "apply", actor=BUREAU, now=clock.now())
        given = {"lacking": "收入证明", "correct_by": "2026-12-01"}
        await face.desk.act(
            session, case.id, "ask_correction", given, actor=BUREAU, now=clock.now()
        )
    one = await entered(visitor, face, case)
    act = f"/public/cases/{case.number}/acts/corrected"
    assert "材料已补齐" in (await one.get(act)).text
    assert (await one.post(act, {"details": "补充了收入证明"})).status == 303
    async with database.read() as session:
        after = await by_number(session, case.number)
    assert after.state == "reviewing"
    assert after.data["details"] == "补充了收入证明"


async def test_withdrawing_asks_for_the_reason(visitor: Any, face: Face, aid: Open) -> None:
    case = await aid()
    one = await entered(visitor, face, case)
    act = f"/public/cases/{case.number}/acts/withdraw"
    refused = await one.post(act, {"note": ""})
    assert refused.status == 422
    assert "请写明原因" in refused.text
    assert (await one.post(act, {"note": "已经和解"})).status == 303
    assert "已撤回" in (await one.get(f"/public/cases/{case.number}")).text


async def test_nobody_acts_on_a_case_without_its_code(visitor: Any, aid: Open) -> None:
    case = await aid()
    act = f"/public/cases/{case.number}/acts/withdraw"
    answer = await visitor().post(act, {"note": "冒名撤回"}, "/public/follow")
    assert answer.status == 404


async def test_the_applicant_cannot_do_what_staff_do(visitor: Any, face: Face, aid: Open) -> None:
    case = await aid()
    one = await entered(visitor, face, case)
    answer = await one.post(f"/public/cases/{case.number}/acts/apply", {}, "/public/follow")
    assert answer.status == 409


async def test_a_paper_is_kept_out_of_the_webs_reach(
    visitor: Any, face: Face, aid: Open, settings: Settings, database: Database
) -> None:
    case = await aid()
    page = f"/public/cases/{case.number}"
    one = await entered(visitor, face, case)
    answer = await one.upload(f"{page}/papers", page, "../../欠条 照片.jpg", JPEG)
    assert answer.status == 303, answer.text
    shown = (await one.get(page)).text
    assert "欠条 照片.jpg" in shown
    async with database.read() as session:
        (paper,) = await papers.of_case(session, case.id)
    assert paper.kind == "image/jpeg"
    kept = settings.home / "papers" / paper.file
    assert kept.read_bytes() == JPEG
    assert "欠条" not in str(kept)
    assert kept.stat().st_mode & 0o077 == 0


def _word(*names: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    "handed_in",
    [
        ("程序.pdf", b"MZ\x90\x00" + b"x" * 200, "只接收"),
        ("网页.html", b"<html><script>alert(1)</script>", "只接收"),
        ("图.svg", b"<svg onload='x'/>", "只接收"),
        ("照片.pdf", JPEG, "内容却是"),
        ("空.pdf", b"", "空的"),
        ("大.pdf", PDF + b"0" * papers.LARGEST + b"%%EOF", "超过 10 MB"),
        ("压缩包.docx", _word("evil.exe"), "只接收"),
        (
            "带宏.docx",
            _word("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
            "只接收",
        ),
    ],
    ids=lambda handed_in: handed_in[0],
)
async def test_a_file_is_looked_at_by_content_size_and_name(
    visitor: Any, face: Face, aid: Open, handed_in: tuple[str, bytes, str]
) -> None:
    name, content, why = handed_in
    case = await aid()
    page = f"/public/cases/{case.number}"
    one = await entered(visitor, face, case)
    answer = await one.upload(f"{page}/papers", page, name, content)
    assert answer.status == 422
    assert why in answer.text


async def test_a_word_document_and_a_pdf_are_taken_once(
    visitor: Any, face: Face, aid: Open, database: Database
) -> None:
    case = await aid()
    page = f"/public/cases/{case.number}"
    one = await entered(visitor, face, case)
    word = _word(*WORD)
    for name, content in (("情况说明.docx", word), ("合同.pdf", PDF), ("合同.pdf", PDF)):
        assert (await one.upload(f"{page}/papers", page, name, content)).status == 303
    async with database.read() as session:
        kept = [paper.name for paper in await papers.of_case(session, case.id)]
    assert kept == ["情况说明.docx", "合同.pdf"]


async def test_a_stranger_uploads_nothing(
    visitor: Any, aid: Open, database: Database, settings: Settings
) -> None:
    case = await aid()
    await visitor().upload(f"/public/cases/{case.number}/papers", "/public/follow", "x.pdf", PDF)
    async with database.read() as session:
        assert list(await papers.of_case(session, case.id)) == []
    assert not [file for file in settings.home.rglob("*") if "papers" in file.parts]


async def test_an_upload_from_another_site_is_refused(
    visitor: Any, face: Face, aid: Open, database: Database
) -> None:
    case = await aid()
    one = await entered(visitor, face, case)
    form = {"csrf": "forged", "paper": BytesIO(PDF)}
    answer = await one.send("POST", f"/public/cases/{case.number}/papers", data=form)
    assert answer.status == 403
    async with database.read() as session:
        assert list(await papers.of_case(session, case.id)) == []


async def test_a_closed_ticket_is_evaluated_once_by_its_link(
    visitor: Any, face: Face, database: Database, clock: ManualClock
) -> None:
    async with database.write() as session:
        facts = CallFacts("call-1", "13900001111", clock.now())
        await open_tickets(face.desk, session, [facts], clock.now())
    async with database.write() as session:
        case = await session.get(Case, 1)
        assert case is not None
        await face.desk.act(session, case.id, "answer", actor=SYSTEM_ACTOR, now=clock.now())
    path = evaluation_path(face.codes, case.number)
    one = visitor()
    assert "您对这次服务满意吗" in (await one.get(path)).text
    assert (await one.post(path, {"solved": "1"})).status == 422
    answer = await one.post(path, {"satisfaction": "3", "solved": "2"})
    assert "回访" in answer.text
    async with database.read() as session:
        after = await by_number(session, case.number)
    assert (after.satisfaction, after.solved, after.state) == (3, 2, "followup")
    again = await one.get(path)
    assert again.status == 409
    assert "已经评价过了" in again.text


async def test_a_wrong_link_evaluates_nothing(visitor: Any, face: Face, aid: Open) -> None:
    case = await aid()
    wrong = f"/public/evaluate/{case.number}-{'a' * 16}"
    unknown = f"/public/evaluate/2611242099999-{'a' * 16}"
    assert (await visitor().get(wrong)).status == (await visitor().get(unknown)).status == 404
    early = await visitor().get(evaluation_path(face.codes, case.number))
    assert early.status == 409


async def test_what_the_workflow_evaluates_goes_through_the_workflow(
    visitor: Any, face: Face, database: Database, clock: ManualClock
) -> None:
    given = {"caller_name": "李四", "title": "房子漏水"}
    async with database.write() as session:
        lists = await face.lists(session)
        asked = Request("lawyer_appointment", given, "m-1")
        case = await submit(face.desk, session, asked, lists, clock.now())
        lawyer = Actor("wang", frozenset({"lawyer", "bureau"}))
        book = {"appointment_at": "2026-11-25T10:00", "assignee_id": "wang"}
        await face.desk.act(session, case.id, "book", book, actor=lawyer, now=clock.now())
        done = {"answer": "可以请求维修", "legal_aid_told": True}
        await face.desk.act(session, case.id, "hold", done, actor=lawyer, now=clock.now())
    answer = await visitor().post(evaluation_path(face.codes, case.number), {"satisfaction": "1"})
    assert "谢谢您的评价" in answer.text
    async with database.read() as session:
        after = await by_number(session, case.number)
    assert after.satisfaction == 1
    assert "rate" in after.acts
