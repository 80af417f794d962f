from pathlib import Path

import pytest

from hotline import settings
from hotline.settings import SettingsError


def test_the_environment_wins_over_the_file_and_the_file_over_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hotline.toml").write_text("[asterisk]\nami_port = 6000\nsip_port = 6001\n")
    monkeypatch.setenv("HOTLINE_ASTERISK__SIP_PORT", "7001")
    loaded = settings.load()
    assert (loaded.asterisk.ami_port, loaded.asterisk.sip_port) == (6000, 7001)
    assert loaded.web.port == 8080


def test_the_database_is_sqlite_in_the_home_folder_unless_named(tmp_path: Path) -> None:
    assert settings.load(home=tmp_path).database_url == f"sqlite+aiosqlite:///{tmp_path}/hotline.db"
    assert settings.load(database="postgresql+asyncpg://db/h").database_url.startswith("postgresql")


def test_a_misspelt_setting_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "hotline.toml").write_text("[asterisk]\nsip_prot = 6001\n")
    with pytest.raises(SettingsError, match=r"asterisk\.sip_prot"):
        settings.load()


def test_a_file_that_is_no_toml_is_told(tmp_path: Path) -> None:
    (tmp_path / "hotline.toml").write_text("asterisk = [")
    with pytest.raises(SettingsError, match="不是有效的 TOML"):
        settings.load()


@pytest.mark.parametrize(
    "mistaken",
    [
        '[mail]\nhost = "x.cn"\nsecurity = "none"\nuser = "a@b.cn"\npassword = "open sesame"\n',
        '[mail]\nhost = "smtp.example.gov.cn"\nuser = "nobody"\npassword = "open sesame"\n',
        '[mail]\npassword = ["open sesame"]\n',
        '[sms]\nsecret = {it = "open sesame"}\n',
        '[web.oidc]\nissuer = "https://sso.example.gov.cn"\nclient_secret = "open sesame"\n',
    ],
)
def test_a_mistake_is_told_without_the_password_beside_it(tmp_path: Path, mistaken: str) -> None:
    (tmp_path / "hotline.toml").write_text(mistaken)
    with pytest.raises(SettingsError) as told:
        settings.load()
    assert "open sesame" not in told.value.message
    assert told.value.__cause__ is None


def test_a_password_is_read_from_its_file_and_a_missing_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("open sesame\n")
    mail = settings.MailSettings(password_file=str(tmp_path / "password"))
    assert mail.secret() == "open sesame"
    assert "sesame" not in repr(mail)
    with pytest.raises(SettingsError, match=r"sms\.secret_file 读不了"):
        settings.TextSettings(secret_file=str(tmp_path / "none")).secret_text()
