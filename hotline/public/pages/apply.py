"""Applications: the form of any service, the message box, the request to be called back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hotline.casework import Case, windows
from hotline.casework.definition import Service
from hotline.casework.fields import FieldType, FormField, clean
from hotline.errors import InvalidInputError
from hotline.public import catalogue, forms
from hotline.public.callbacks import CallbackRequest
from hotline.public.catalogue import TICKET
from hotline.public.face import Face
from hotline.public.forms import CONTACT
from hotline.public.humanity import ANSWER, Asking
from hotline.public.intake import Request, submit
from hotline.public.pages.showing import back_to, page, remember, show
from hotline.public.pages.times import SLOT, SLOT_BEFORE, Chosen, chosen, near
from hotline.web.context import address_of

AGREE = "agree"
_NOT_AGREED = "请先看一看个人信息说明，并勾选同意"

CALLBACK_FIELDS: tuple[FormField, ...] = (
    CONTACT.model_copy(update={"required": True, "help": "我们用 12348 打这个号码"}),
    FormField(name="caller_name", label="怎么称呼您", help="不愿意说可以不填", longest=40),
    FormField(
        name="callback_window",
        label="什么时候方便",
        type=FieldType.CHOICE,
        required=True,
        options={"any": "都可以", "morning": "上午", "afternoon": "下午", "soon": "越快越好"},
    ),
    FormField(name="title", label="想问什么事", help="一句话，方便安排合适的律师", longest=60),
    FormField(name="place", label="事情发生在哪里", type=FieldType.CODE),
)


@dataclass(frozen=True)
class Application:
    """A form that opens a case, as its page shows it."""

    title: str
    lead: str
    button: str
    back: tuple[str, str]
    """Path and words of the way back."""
    fields: tuple[FormField, ...]
    service: Service | None = None
    time: Chosen | None = None
    """The time of the appointment that is taken along."""
    times: str = ""
    """Where a time is chosen; empty: not by the applicant."""


@page
async def form(face: Face, request: web.Request) -> web.StreamResponse:
    """Show a service's form."""
    service = _service(face, request)
    application = await _application(face, service, request.query.get(SLOT))
    return await _show(face, request, application, face.humanity.ask())


@page
async def send(face: Face, request: web.Request) -> web.StreamResponse:
    """Take a service's form."""
    service = _service(face, request)
    posted = await request.post()
    # Who was shown other times and chose none still wants one: the old one is refused again.
    slot = posted.get(SLOT) or posted.get(SLOT_BEFORE)
    application = await _application(face, service, slot)

    async def open_case(given: Mapping[str, Any], mark: str) -> Case:
        async with face.database.write() as session:
            lists = await face.lists(session)
            choice = application.time.choice if application.time is not None else None
            asked = Request(service.code, given, mark, choice=choice)
            return await submit(face.desk, session, asked, lists, face.clock.now())

    return await _take(face, request, application, open_case)


@page
async def callback_form(face: Face, request: web.Request) -> web.StreamResponse:
    """Show the request to be called back."""
    return await _show(face, request, _callback(), face.humanity.ask())


@page
async def send_callback(face: Face, request: web.Request) -> web.StreamResponse:
    """Take a request to be called back."""
    face.limiter.check("call-back", address_of(request))
    window = next(f for f in CALLBACK_FIELDS if f.name == "callback_window")

    async def open_case(given: Mapping[str, Any], mark: str) -> Case:
        cleaned = clean(CALLBACK_FIELDS, given, {})
        asked = CallbackRequest(
            number=str(cleaned["phone"]),
            window=window.words(cleaned["callback_window"]),
            part=str(cleaned["callback_window"]),
            title=str(cleaned.get("title") or ""),
            name=str(cleaned.get("caller_name") or ""),
            place=str(cleaned.get("place") or ""),
            submission=mark,
        )
        async with face.database.write() as session:
            lists = await face.lists(session)
            return await face.callbacks.request(session, asked, lists, face.clock.now())

    return await _take(face, request, _callback(), open_case)


@page
async def consult(face: Face, request: web.Request) -> web.StreamResponse:
    """Show the ways to ask a lawyer: call, be called back, leave a message, look it up."""
    return show(face, request, "public/consult.html")


async def _take(
    face: Face, request: web.Request, application: Application, open_case: Any
) -> web.StreamResponse:
    face.limiter.check("submit", address_of(request))
    posted = await request.post()
    doubt, asking = face.humanity.judge(posted)
    typed = forms.read(application.fields, posted)
    problems: dict[str, str] = {}
    async with face.database.read() as session:
        lists = await face.lists(session)
    try:
        clean(application.fields, typed, {})
    except InvalidInputError as error:
        problems |= forms.problems_of(error)
    problems |= forms.check_lists(application.fields, typed, lists)
    if doubt is not None:
        problems[ANSWER] = doubt.value
    if posted.get(AGREE) != "1":
        problems[AGREE] = _NOT_AGREED
    if not problems:
        try:
            case = await _once(face, open_case, typed, asking.mark)
        except InvalidInputError as error:
            problems |= forms.problems_of(error)
        else:
            remember(face, request, case.number, fresh=True)
            raise back_to(f"/public/cases/{case.number}")
    agreed = posted.get(AGREE) == "1"
    return await _show(
        face, request, application, asking, typed=typed, problems=problems, agreed=agreed
    )


async def _once(face: Face, open_case: Any, typed: Mapping[str, Any], mark: str) -> Case:
    try:
        case: Case = await open_case(typed, mark)
    except IntegrityError:
        # The same form came twice at the same moment: the other made the case.
        async with face.database.read() as session:
            made = await session.scalar(select(Case).where(Case.submission == mark))
        if made is None:
            raise
        return made
    return case


async def _show(
    face: Face,
    request: web.Request,
    application: Application,
    asking: Asking,
    *,
    typed: Mapping[str, Any] | None = None,
    problems: Mapping[str, str] | None = None,
    agreed: bool = False,
) -> web.Response:
    wrong, time, service = dict(problems or {}), application.time, application.service
    other_times: list[tuple[str, str]] = []
    async with face.database.read() as session:
        lists = await face.lists(session)
        booking = service.booking if service is not None else None
        if service is not None and booking is not None and time is not None and booking.at in wrong:
            wrong[SLOT] = wrong.pop(booking.at)
            other_times = await near(face, session, service, time.choice)
    labels = {f.name: f.label for f in application.fields} | {
        ANSWER: "验证问题",
        AGREE: "个人信息说明",
        SLOT: "预约时间",
    }
    known = {name: words for name, words in wrong.items() if name in labels}
    other = [words for name, words in wrong.items() if name not in labels]
    return show(
        face,
        request,
        "public/apply.html",
        status=422 if wrong else 200,
        application=application,
        controls=forms.controls(application.fields, typed or {}, wrong, lists),
        asking=asking,
        other_times=other_times,
        problems=known,
        labels=labels,
        other_problems=other,
        agreed=agreed,
    )


def _service(face: Face, request: web.Request) -> Service:
    return catalogue.get_online(face.desk.services, request.match_info.get("code", TICKET))


async def _application(face: Face, service: Service, slot: object) -> Application:
    fields = tuple(forms.with_contact(forms.opening_fields(service)))
    if service.code == TICKET:
        return Application(
            "留言咨询",
            "写下您的问题，值班律师 24 小时内答复。急事请直接拨打电话。",
            "提交留言",
            ("/public/consult", "法律咨询"),
            fields,
        )
    time, times = None, ""
    own = service.booking.applicants if service.booking is not None else None
    if own is not None:
        async with face.database.read() as session:
            if await windows.windows(session, service):
                times = f"/public/services/{service.code}/times"
                time = await chosen(face, session, slot)
        if time is not None:
            fields = tuple(field for field in fields if field.name not in own.instead_of)
    return Application(
        f"申请{service.name}" if time is None else "填写预约信息",
        service.catalogue.time_limit if time is None else service.name,
        "提交预约" if time is not None else "提交申请",
        (f"/public/services/{service.code}", service.name),
        fields,
        service,
        time,
        times,
    )


def _callback() -> Application:
    return Application(
        "请求回电",
        "留下号码，我们在 24 小时内回电，人工服务时间内通常更快。",
        "提交",
        ("/public/consult", "法律咨询"),
        CALLBACK_FIELDS,
    )
