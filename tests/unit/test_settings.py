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
