"""Signatures by the Standard Webhooks scheme, and a description that holds together."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from hotline.api.description import describe
from hotline.api.errors import SignatureError
from hotline.api.routes import OPERATIONS
from hotline.api.signing import PREFIX, Signer
from hotline.clock import ManualClock
from hotline.settings import BureauSettings


def test_whoever_has_the_secret_verifies_by_the_scheme(clock: ManualClock) -> None:
    signer, body = Signer("installation"), b'{"type": "case.moved"}'
    headers = signer.headers("webhook:1", "msg-1", body, clock.now())
    secret = base64.b64decode(signer.secret_of("webhook:1").removeprefix(PREFIX))
    signed = f"msg-1.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"


def test_a_signature_is_good_for_its_owner_body_and_time_alone(clock: ManualClock) -> None:
    signer = Signer("installation")
    headers = signer.headers("key:a", "msg-1", b"body", clock.now())
    assert signer.verify("key:a", headers, b"body", clock.now()) == "msg-1"
    for owner, body in (("key:b", b"body"), ("key:a", b"other")):
        with pytest.raises(SignatureError):
            signer.verify(owner, headers, body, clock.now())
    with pytest.raises(SignatureError):
        signer.verify("key:a", headers | {"webhook-id": "msg-2"}, b"body", clock.now())
    clock.advance(301)
    with pytest.raises(SignatureError, match="5 分钟"):
        signer.verify("key:a", headers, b"body", clock.now())


def test_one_of_several_signatures_is_enough(clock: ManualClock) -> None:
    signer = Signer("installation")
    headers = signer.headers("key:a", "msg-1", b"body", clock.now())
    turned = headers | {"webhook-signature": f"v1,AAAA {headers['webhook-signature']}"}
    assert signer.verify("key:a", turned, b"body", clock.now())


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [r for one in value.values() for r in _references(one)]
    return [r for one in value for r in _references(one)] if isinstance(value, list) else []


def test_the_description_refers_to_nothing_that_is_not_there() -> None:
    described = describe(OPERATIONS, BureauSettings())
    schemas = described["components"]["schemas"]
    assert json.loads(json.dumps(described)) == described
    assert {r.rsplit("/", 1)[1] for r in _references(described)} <= set(schemas)


def test_every_operation_has_its_own_name_and_says_what_it_refuses() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    for operation in OPERATIONS:
        assert 422 in operation.statuses
        assert (401 in operation.statuses) == (operation.scope is not None)
        if operation.signed:
            assert operation.scope is not None
