"""Phones of a running Asterisk: a new list, or a new secret, while calls go on.

A secret lives in Asterisk's database and is read at each registration, so one AMI action changes
it: the web server can hand out credentials that live for minutes. The list of phones itself is a
file; taking up a new one reloads the phone and queue modules, which drops no call.
"""

from __future__ import annotations

from hotline.ami import ActionFailedError, Link, actions
from hotline.asterisk.endpoints import AUTH_FAMILY, auth_record
from hotline.asterisk.render import Rendering
from hotline.asterisk.server import Asterisk


async def set_secret(link: Link, name: str, secret: str) -> None:
    """Let the phone ``name`` register with ``secret`` from now on, and with no older one.

    Raises:
        InvalidEndpointError: the name or secret can't be used.
        AmiError: Asterisk didn't take it.
    """
    await link.send(actions.DBPut(AUTH_FAMILY, name, auth_record(name, secret)), wait=True)


async def revoke(link: Link, name: str) -> None:
    """Let nobody register as ``name`` any more; a phone that is registered stays until it expires.

    Raises:
        AmiError: Asterisk didn't take it.
    """
    try:
        await link.send(actions.DBDel(AUTH_FAMILY, name), wait=True)
    except ActionFailedError:
        # The same refusal for one that isn't there and for a database that can't be written.
        if name in await _registering(link):
            raise


async def apply(asterisk: Asterisk, link: Link, rendering: Rendering) -> bool:
    """Render anew and take up what changed; return whether anything did.

    ``rendering`` is the whole of it, as for :meth:`~hotline.asterisk.server.Asterisk.render`: a
    phone that it doesn't name is gone afterwards. Calls go on, those of the gone phone too.

    Raises:
        AsteriskError: it can't be rendered.
        AmiError: Asterisk didn't take it.
    """
    before = await _registering(link)
    registering = [one for one in rendering.endpoints if one.contact is None]
    for endpoint in registering:
        if endpoint.handed_out:
            continue  # who is registered stays so
        await set_secret(link, endpoint.name, endpoint.secret)
    changed = {file.name for file in asterisk.render(rendering)}
    for module in _modules(changed):
        await link.send(actions.Reload(module), wait=True)
    for name in before - {one.name for one in registering}:
        await revoke(link, name)
    return bool(changed)


async def _registering(link: Link) -> set[str]:
    """Return the names of the phones that have a secret."""
    listing = actions.Custom("DBGetTree", {"Family": AUTH_FAMILY}, listing=True)
    try:
        answer = await link.send(listing)
    except ActionFailedError:  # Asterisk's way to say that there are none
        return set()
    return {row["Key"].rpartition("/")[2] for row in answer.events if "Key" in row}


def _modules(changed: set[str]) -> list[str]:
    """Return what to reload for these files."""
    owners = {
        "pjsip_endpoints.conf": "res_pjsip.so",
        "pjsip.conf": "res_pjsip.so",
        "queues.conf": "app_queue.so",
        "extensions.conf": "pbx_config.so",
        "musiconhold.conf": "res_musiconhold.so",
        "manager.conf": "manager",
        "http.conf": "http",
        "logger.conf": "logger",
    }
    return sorted({owners[name] for name in changed if name in owners})
