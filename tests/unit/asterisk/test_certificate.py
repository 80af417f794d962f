"""The certificate made at set-up."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509

from hotline.asterisk import certificate
from hotline.asterisk.errors import CertificateError
from hotline.clock import ManualClock


def names(file: Path) -> set[str]:
    found = x509.load_pem_x509_certificate(file.read_bytes())
    kind = x509.SubjectAlternativeName
    return {str(name.value) for name in found.extensions.get_extension_for_class(kind).value}


def test_it_is_made_once_for_the_names_that_users_type(tmp_path: Path, clock: ManualClock) -> None:
    pem, key = tmp_path / "a.crt", tmp_path / "a.key"
    certificate.ensure(pem, key, clock, ("10.1.2.3", "rexian.example", ""))
    assert {"localhost", "127.0.0.1", "10.1.2.3", "rexian.example"} <= names(pem)
    made = pem.read_bytes()
    certificate.ensure(pem, key, clock, ("10.1.2.3",))
    assert pem.read_bytes() == made
    certificate.ensure(pem, key, clock, ("10.9.9.9",))
    assert "10.9.9.9" in names(pem)
    assert key.stat().st_mode & 0o077 == 0


def test_it_is_renewed_before_it_ends(tmp_path: Path, clock: ManualClock) -> None:
    pem, key = tmp_path / "a.crt", tmp_path / "a.key"
    certificate.ensure(pem, key, clock)
    made = pem.read_bytes()
    clock.advance(800 * 86400)
    certificate.ensure(pem, key, clock)
    assert pem.read_bytes() != made


def test_a_file_that_is_no_certificate_is_told(tmp_path: Path, clock: ManualClock) -> None:
    pem, key = tmp_path / "a.crt", tmp_path / "a.key"
    pem.write_text("x")
    key.write_text("x")
    with pytest.raises(CertificateError, match="PEM"):
        certificate.ensure(pem, key, clock)
