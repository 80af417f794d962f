"""Signatures of what programs send each other, by the Standard Webhooks scheme.

``webhook-id``, ``webhook-timestamp`` and the body are signed with HMAC-SHA256; the header
``webhook-signature`` is ``v1,`` and its base64. Ready libraries of many languages verify it. The
secret of a key or of a webhook is worked out from the installation's own: nothing in the database
signs anything.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from hotline.api.errors import SignatureError
from hotline.secretsfile import SecretsFile

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX: Final = "whsec_"
OFF_BY_SECONDS: Final = 300
"""Clocks may differ by this much; an older message is a replay."""


class Signer:
    """Signs and verifies for one installation."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    @classmethod
    def of(cls, home: Path) -> Signer:
        """Return the one of the installation at ``home``."""
        return cls(SecretsFile(home).get("api-signing"))

    def secret_of(self, owner: str) -> str:
        """Return the secret that is given to ``owner`` (``key:…`` or ``webhook:…``)."""
        return PREFIX + base64.b64encode(self._key(owner)).decode()

    def headers(self, owner: str, message_id: str, body: bytes, now: datetime) -> dict[str, str]:
        """Return the headers that sign a message."""
        stamp = str(int(now.timestamp()))
        return {
            ID: message_id,
            TIMESTAMP: stamp,
            SIGNATURE: f"v1,{self._sign(owner, message_id, stamp, body)}",
        }

    def verify(self, owner: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
        """Return the id of a message that ``owner`` signed.

        Raises:
            SignatureError: it is not signed, wrongly, or too long ago.
        """
        message_id, stamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
        if not message_id or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 15):
            raise SignatureError(
                "请求没有签名：请加上 webhook-id、webhook-timestamp、webhook-signature"
            )
        if abs(now.timestamp() - int(stamp)) > OFF_BY_SECONDS:
            raise SignatureError("签名的时间与本机相差超过 5 分钟，请校准时钟后重发")
        wanted = self._sign(owner, message_id, stamp, body).encode()
        given = headers.get(SIGNATURE, "").split()
        for one in given:
            version, _, value = one.partition(",")
            if version == "v1" and hmac.compare_digest(
                wanted, value.encode("utf-8", "surrogateescape")
            ):
                return message_id
        raise SignatureError

    def _key(self, owner: str) -> bytes:
        return hmac.digest(self._secret, owner.encode(), hashlib.sha256)[:24]

    def _sign(self, owner: str, message_id: str, stamp: str, body: bytes) -> str:
        signed = f"{message_id}.{stamp}.".encode("utf-8", "surrogateescape") + body
        return base64.b64encode(hmac.digest(self._key(owner), signed, hashlib.sha256)).decode()
