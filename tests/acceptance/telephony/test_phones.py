import asyncio

import pytest

from hotline.ami import Link, Mailbox, events
from hotline.asterisk import Asterisk, Endpoint, Rendering
from hotline.asterisk import phones as running
from hotline.sipp import Account, Caller, Phone, RegistrationError, Ringing, Sipp, Stay

from ..conftest import BARE, Register, phones, sip_address  # noqa: TID252


async def nobody(call: Ringing) -> None:
    raise AssertionError(call.number)


async def registers(asterisk: Asterisk, name: str, secret: str) -> bool:
    phone = Phone(Account(name, secret, sip_address(asterisk)), nobody)
    try:
        await phone.start()
    except RegistrationError:
        phone.vanish()
        return False
    await phone.stop()
    return True


async def test_a_new_secret_counts_at_once_and_the_old_one_no_more(
    bare_asterisk: Asterisk, link: Link
) -> None:
    await running.set_secret(link, "lawyer6", "first-secret-1")
    assert await registers(bare_asterisk, "lawyer6", "first-secret-1")
    await running.set_secret(link, "lawyer6", "second-secret-2")
    assert not await registers(bare_asterisk, "lawyer6", "first-secret-1")
    assert await registers(bare_asterisk, "lawyer6", "second-secret-2")
    await running.revoke(link, "lawyer6")
    await running.revoke(link, "lawyer6")
    assert not await registers(bare_asterisk, "lawyer6", "second-secret-2")


async def test_a_new_list_of_phones_drops_no_call(
    bare_asterisk: Asterisk, callers: Sipp, phone: Register, link: Link, mailbox: Mailbox
) -> None:
    hang_up = asyncio.Event()

    async def lawyer(call: Ringing) -> None:
        await call.answer()
        await hang_up.wait()
        assert not call.ended.done()
        await call.hang_up()

    await phone("lawyer1", lawyer)
    call = await callers.start(Caller("13800138010", [Stay(30)], "diallawyer1"))
    async with asyncio.timeout(10):
        while not isinstance(event := await mailbox.get(), events.BridgeEnter) or event.members < 2:
            pass
    assert not await registers(bare_asterisk, "newcomer", "secret-of-newcomer")
    wider = [*phones(), Endpoint("newcomer", secret="secret-of-newcomer")]
    assert await running.apply(bare_asterisk, link, Rendering(endpoints=wider, templates=BARE))
    async with asyncio.timeout(5):
        while not await registers(bare_asterisk, "newcomer", "secret-of-newcomer"):
            await asyncio.sleep(0.1)
    usual = Rendering(endpoints=phones(), templates=BARE)
    assert await running.apply(bare_asterisk, link, usual)
    assert not await running.apply(bare_asterisk, link, usual)
    assert not await registers(bare_asterisk, "newcomer", "secret-of-newcomer")
    assert not call.ended.done()
    hang_up.set()
    assert (await call.finished()).check().ok


async def test_a_phone_that_vanishes_is_told_as_unreachable(
    bare_asterisk: Asterisk, link: Link, mailbox: Mailbox
) -> None:
    account = Account("station2", "secret-of-test-phones", sip_address(bare_asterisk), expires=60)
    telephone = Phone(account, nobody)
    await telephone.start()

    async def told(*statuses: str) -> events.ContactStatus:
        async with asyncio.timeout(20):
            while True:
                event = await mailbox.get()
                if not isinstance(event, events.ContactStatus):
                    continue
                if event.endpoint == "station2" and event.status in statuses:
                    return event

    reachable = await told("Reachable")
    assert 0 < reachable.round_trip < 1
    assert "station2@127.0.0.3" in reachable.contact
    telephone.vanish()
    await told("Unreachable", "Removed")


async def test_browsers_reach_asterisk_over_secure_websocket(bare_asterisk: Asterisk) -> None:
    import ssl

    import aiohttp

    own = bare_asterisk.settings.asterisk
    trusting = ssl.create_default_context(cafile=str(bare_asterisk.layout.certificate))
    request = (
        "REGISTER sip:127.0.0.1 SIP/2.0\r\n"
        "Via: SIP/2.0/WSS x.invalid;branch=z9hG4bK1\r\n"
        "From: <sip:browser1@127.0.0.1>;tag=1\r\nTo: <sip:browser1@127.0.0.1>\r\n"
        "Call-ID: 1\r\nCSeq: 1 REGISTER\r\n"
        "Contact: <sip:x@x.invalid;transport=ws>\r\nContent-Length: 0\r\n\r\n"
    )
    for url, context in (
        (f"wss://127.0.0.1:{own.https_port}/ws", trusting),
        (f"ws://127.0.0.1:{own.http_port}/ws", None),
    ):
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(url, protocols=["sip"], ssl=context or True) as socket,
        ):
            await socket.send_str(request)
            answer = await socket.receive(timeout=5)
            text = answer.data if isinstance(answer.data, str) else answer.data.decode()
            assert text.startswith("SIP/2.0 401")


@pytest.mark.parametrize("name", ["trunk", "web 1", "x\n", "a;b", "x" * 70, "with-hyphen"])
def test_a_phone_cannot_be_called_anything(name: str) -> None:
    from hotline.asterisk.errors import InvalidEndpointError

    with pytest.raises(InvalidEndpointError):
        Endpoint(name, secret="long-enough-secret")
