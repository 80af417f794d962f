from pathlib import Path

import pytest

from hotline.secretsfile import SecretsFile, SecretsFileError


def test_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    made = SecretsFile(tmp_path).get("ami")
    assert len(made) >= 32
    assert SecretsFile(tmp_path).get("ami") == made
    assert SecretsFile(tmp_path).get("cookie") != made


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    assert SecretsFile(tmp_path / "a").get("ami") != SecretsFile(tmp_path / "b").get("ami")


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    secrets = SecretsFile(tmp_path)
    secrets.get("ami")
    assert secrets.file.stat().st_mode & 0o777 == 0o600
    secrets.file.chmod(0o644)
    with pytest.raises(SecretsFileError, match="chmod 600"):
        secrets.get("ami")


@pytest.mark.parametrize("damage", ["", "{", "[1]", '{"ami": 1}'])
def test_a_damaged_file_is_told_and_never_overwritten(tmp_path: Path, damage: str) -> None:
    secrets = SecretsFile(tmp_path)
    secrets.get("ami")
    secrets.file.write_text(damage)
    with pytest.raises(SecretsFileError, match="已损坏"):
        secrets.get("ami")
    assert secrets.file.read_text() == damage
