"""Operations on appointments: the free times that an application may take along."""

from __future__ import annotations

from pydantic import Field

from hotline.api.operations import Asked, Given, Operation, Shown
from hotline.casework import windows
from hotline.casework.windows import Choice
from hotline.clock import CHINA
from hotline.public import catalogue, following


class PlaceTimes(Shown):
    """一个地点的空闲时间。"""

    place: str = Field(description="地点代码")
    name: str
    times: list[str] = Field(description="空闲时间，如 2026-11-25T09:00+08:00")


class FreeTimes(Shown):
    """一项服务的空闲时间；没有开放网上预约的，places 为空。"""

    minutes: int = Field(description="每次多少分钟；不用预约的服务为 0")
    places: list[PlaceTimes]


class Appointment(Given):
    """约的时间，取自空闲时间。"""

    place: str = Field(pattern=r"^[\w.:-]{1,80}$", description="地点代码")
    at: str = Field(
        pattern=r"^20\d{2}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d(\+08:00)?$",
        description="时间，如 2026-11-25T09:00+08:00",
    )

    def choice(self) -> Choice | None:
        """Return it as casework knows it; none: there is no such moment."""
        return Choice.read(f"{self.place}@{self.at[:16]}")


class Held(Shown):
    """现在约着的时间。"""

    at: str
    place: str = Field(description="地点代码；只定了承办人的为空")

    @classmethod
    def of(cls, held: following.Appointment) -> Held:
        """Return it as a program is told."""
        return cls(at=held.at.isoformat(timespec="minutes"), place=held.place)


async def free_times(asked: Asked[Given]) -> FreeTimes:
    """Return the free times of a service."""
    face = asked.api.face
    service = catalogue.get_online(face.desk.services, asked.path["code"])
    found = []
    async with face.database.read() as session:
        names = {station.code: station.name for station in await face.stations(session)}
        for window in await windows.windows(session, service):
            days = await windows.offered(session, service, window, face.desk.worktime, asked.now)
            free = [slot.at for _, slots in days for slot in slots if slot.left]
            found.append(
                PlaceTimes(
                    place=window.place,
                    name=names.get(window.place, window.place),
                    times=[at.astimezone(CHINA).isoformat(timespec="minutes") for at in free],
                )
            )
    minutes = service.booking.minutes if service.booking is not None else 0
    return FreeTimes(minutes=minutes, places=found)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "free_times",
        "GET",
        "/services/{code}/times",
        "查询",
        "空闲时间",
        "单位开放了网上预约的时间。提交申请时放进 appointment；一个时间只给一个人。",
        FreeTimes,
        free_times,
        refuses=(403,),
        path_fields={"code": ("[a-z0-9_]{1,40}", "服务代码")},
    ),
)
