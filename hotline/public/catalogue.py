"""The service catalogue (服务目录) as the public reads it, made from the service files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hotline.casework.definition import APPLICANT, Service
from hotline.casework.services import Services
from hotline.errors import ForbiddenError, NotFoundError

TICKET = "ticket"
"""The hotline's own service: messages and call-backs are its cases."""


@dataclass(frozen=True)
class Function:
    """One of the seven functions that the charter asks of a mobile page (二.3)."""

    words: str
    hint: str
    icon: str
    path: str
    service: str = ""
    """Shown only while this service is there."""


FUNCTIONS: tuple[Function, ...] = (
    Function("法律政策查询", "常见问题、法律条文", "book", "/public/laws"),
    Function("法律咨询", "打电话、留言、请求回电", "message", "/public/consult"),
    Function("法律援助", "打官司请不起律师", "shield", "/public/services/legal_aid", "legal_aid"),
    Function("公证", "遗嘱、继承、委托", "check", "/public/services/notary", "notary"),
    Function("司法鉴定", "伤残、文书、亲子", "search", "/public/services/forensic", "forensic"),
    Function(
        "律师预约",
        "当面、视频、电话",
        "calendar",
        "/public/services/lawyer_appointment",
        "lawyer_appointment",
    ),
    Function("案件代理", "推荐律师事务所", "people", "/public/services/case_agency", "case_agency"),
)


def functions(services: Services) -> list[Function]:
    """Return the seven functions that this installation offers."""
    return [f for f in FUNCTIONS if not f.service or f.service in services.by_code]


def takes_applications(service: Service) -> bool:
    """Whether the public may open a case of this service on the page."""
    return service.catalogue.online and APPLICANT in service.opened_by


def listed(services: Services) -> list[Service]:
    """Return the services of the public catalogue, in the order of their digits.

    What the public cannot apply for stands there where its file says so (安置帮教, 法治宣传): the
    charter asks for their catalogue as well. Their records are another matter.
    """
    found = [s for s in services.by_code.values() if _is_public(s)]
    return sorted(found, key=lambda s: s.digits)


def get(services: Services, code: str) -> Service:
    """Return a service of the public catalogue.

    Raises:
        NotFoundError: there is none of that code.
    """
    service = services.by_code.get(code)
    if service is None or not _is_public(service):
        raise NotFoundError("没有这项服务，请从服务目录重新进入")
    return service


def get_online(services: Services, code: str) -> Service:
    """Return a service that the public applies for here.

    Raises:
        NotFoundError: there is none of that code.
        ForbiddenError: it takes no applications here.
    """
    service = get(services, code)
    if not takes_applications(service):
        raise ForbiddenError(f"“{service.name}”不在网上受理，请到{service.catalogue.counter}办理。")
    return service


def others(services: Services) -> Sequence[Service]:
    """Return the services that take applications beside the seven functions."""
    known = {f.service for f in FUNCTIONS} | {TICKET}
    return [s for s in listed(services) if s.code not in known and takes_applications(s)]


def _is_public(service: Service) -> bool:
    entry = service.catalogue
    return entry.online or entry.published or APPLICANT in service.opened_by
