"""The certificate of Asterisk's secure WebSocket (and of the web server, if it wants it).

A browser allows the microphone only on a trusted page, so a bureau will bring its own
certificate; until then a self-signed one is made at set-up.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import socket
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hotline.asterisk.errors import CertificateError
from hotline.clock import Clock

_VALID = dt.timedelta(days=825)
_RENEW = dt.timedelta(days=30)


def ensure(certificate: Path, key: Path, clock: Clock, hosts: Sequence[str] = ()) -> None:
    """Make a self-signed pair where there is none or the one there ends within 30 days.

    It is made for this machine and ``hosts``: the names and addresses that users type. One that
    does not know them all is made anew.

    Raises:
        CertificateError: a file that is there can't be read as a certificate.
    """
    if certificate.exists() and key.exists():
        found = _read(certificate)
        knows = {_name(host) for host in hosts if host} <= set(_names(found))
        if found.not_valid_after_utc - clock.now() > _RENEW and knows:
            return
    elif certificate.exists() or key.exists():
        raise CertificateError(f"{certificate} 与 {key} 缺少其一，请补齐，或两个都删除后重新生成")
    certificate.parent.mkdir(parents=True, exist_ok=True)
    private = ec.generate_private_key(ec.SECP256R1())
    _write(
        key,
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    _write(
        certificate, _self_signed(private, clock, hosts).public_bytes(serialization.Encoding.PEM)
    )


def _read(certificate: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError) as error:
        raise CertificateError(f"读不了证书 {certificate}：应为 PEM 格式（{error}）") from error


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _names(found: x509.Certificate) -> list[x509.GeneralName]:
    try:
        return list(found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except x509.ExtensionNotFound:
        return []


def _self_signed(
    private: ec.EllipticCurvePrivateKey, clock: Clock, hosts: Sequence[str]
) -> x509.Certificate:
    host = socket.gethostname() or "localhost"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    known = dict.fromkeys(("localhost", host, "127.0.0.1", *(one for one in hosts if one)))
    names = [_name(one) for one in known]
    now = clock.now()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )


def _write(file: Path, data: bytes) -> None:
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
    fresh.replace(file)
