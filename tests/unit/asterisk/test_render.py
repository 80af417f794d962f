import stat
from pathlib import Path

import pytest

from hotline.asterisk import Asterisk, Endpoint, Kind, Rendering
from hotline.asterisk.errors import InvalidEndpointError, MissingModulesError, TemplateError
from hotline.asterisk.render import layout, render
from hotline.secretsfile import SecretsFile
from hotline.settings import Settings, load

from .conftest import Make

PHONES = [
    Endpoint("lawyer1", secret="a-long-secret"),
    Endpoint("web1", Kind.WEBRTC, secret="another-secret"),
    Endpoint("station1", contact="sip:station1@192.0.2.7:5060", qualify=30),
]


def text(settings: Settings, name: str) -> str:
    return (layout(settings).etc / name).read_text(encoding="utf-8")


def sections(settings: Settings, name: str) -> list[str]:
    return [line for line in text(settings, name).splitlines() if line.startswith("[")]


def test_every_phone_becomes_an_endpoint_and_a_member_of_the_plain_queue(
    own_settings: Settings, made_up: Make
) -> None:
    render(own_settings, made_up(), Rendering(endpoints=PHONES))
    found = sections(own_settings, "pjsip_endpoints.conf")
    assert "[lawyer1](desk)" in found
    assert "[web1](browser)" in found
    assert found.count("[station1]") == 1
    assert "contact = sip:station1@192.0.2.7:5060" in text(own_settings, "pjsip_endpoints.conf")
    assert "member => PJSIP/web1,0,web1,PJSIP/web1" in text(own_settings, "queues.conf")


def test_no_secret_of_a_phone_stands_in_a_file_and_ours_only_where_it_must(
    own_settings: Settings, made_up: Make
) -> None:
    render(own_settings, made_up(), Rendering(endpoints=PHONES))
    ours = SecretsFile(own_settings.home).get("asterisk-ami")
    for file in layout(own_settings).etc.iterdir():
        content = file.read_text(encoding="utf-8")
        assert "a-long-secret" not in content
        assert (ours in content) == (file.name == "manager.conf")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(layout(own_settings).home.stat().st_mode) == 0o700


def test_secrets_of_phones_go_to_asterisks_database(own_settings: Settings, made_up: Make) -> None:
    import sqlite3
    from contextlib import closing

    asterisk = Asterisk(own_settings, installation=made_up())
    asterisk.render(Rendering(endpoints=PHONES))
    asterisk.render(Rendering(endpoints=PHONES[1:]))
    with closing(sqlite3.connect(layout(own_settings).home / "db/astdb.sqlite3")) as database:
        rows = dict(database.execute("SELECT key, value FROM astdb").fetchall())
    assert list(rows) == ["/hotline/auth/web1"]
    assert "another-secret" in rows["/hotline/auth/web1"]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ((22, 10, 1), "eventfilter(action(include),name(Hangup)) ="),
        ((20, 11, 0), "eventfilter(action(include),name(Hangup)) ="),
        ((20, 5, 0), "eventfilter = Event: Hangup"),
        ((18, 20, 0), "eventfilter = Event: Hangup"),
    ],
)
def test_older_asterisks_get_the_filters_that_they_understand(
    own_settings: Settings, made_up: Make, version: tuple[int, int, int], expected: str
) -> None:
    render(own_settings, made_up(version))
    assert expected in text(own_settings, "manager.conf").splitlines()


def test_rendering_again_changes_no_file(own_settings: Settings, made_up: Make) -> None:
    assert render(own_settings, made_up(), Rendering(endpoints=PHONES))
    assert render(own_settings, made_up(), Rendering(endpoints=PHONES)) == []
    changed = render(own_settings, made_up(), Rendering(endpoints=PHONES[1:]))
    assert {file.name for file in changed} == {"pjsip_endpoints.conf", "queues.conf"}


def test_missing_modules_are_all_named(own_settings: Settings, made_up: Make) -> None:
    with pytest.raises(MissingModulesError) as caught:
        render(own_settings, made_up(lacking="app_queue res_pjsip codec_opus"))
    assert caught.value.details["modules"] == ["res_pjsip", "app_queue"]
    assert "hotline asterisk install" in caught.value.message


def test_optional_modules_are_loaded_where_they_exist(
    own_settings: Settings, made_up: Make
) -> None:
    render(own_settings, made_up(lacking="codec_opus app_confbridge"))
    modules = text(own_settings, "modules.conf")
    assert "load = codec_opus_open_source.so" in modules
    assert "app_confbridge.so" not in modules
    assert "autoload = no" in modules


def test_a_broken_template_is_told_with_its_line(
    own_settings: Settings, made_up: Make, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/rtp.conf.j2").write_text("[general]\n\n{% if %}\n")
    with pytest.raises(TemplateError, match=r"rtp\.conf\.j2:3"):
        render(own_settings, made_up(), Rendering(templates=tmp_path / "own"))


def test_a_template_that_names_nothing_known_is_refused(
    own_settings: Settings, made_up: Make, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/rtp.conf.j2").write_text("x = {{ asterisk.rtp_strat }}\n")
    with pytest.raises(TemplateError, match="rtp_strat"):
        render(own_settings, made_up(), Rendering(templates=tmp_path / "own"))


def test_a_line_break_in_a_setting_makes_no_line_of_configuration(
    tmp_path: Path, made_up: Make
) -> None:
    evil = load(home=tmp_path / "home", asterisk={"ami_user": "x]\n[admin"})
    with pytest.raises(TemplateError, match="换行"):
        render(evil, made_up())


def test_a_bureaus_own_template_wins(
    own_settings: Settings, made_up: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bureau/asterisk").mkdir(parents=True)
    (tmp_path / "bureau/asterisk/rtp.conf.j2").write_text("; own\n")
    (tmp_path / "bureau/asterisk/more.conf.j2").write_text("; more\n")
    monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path / "bureau"))
    render(own_settings, made_up())
    assert text(own_settings, "rtp.conf") == "; own\n"
    assert text(own_settings, "more.conf") == "; more\n"


def test_the_manager_listens_where_the_settings_say_and_nowhere_else(
    tmp_path: Path, made_up: Make
) -> None:
    everywhere = "0.0.0.0"  # noqa: S104 - a text in a file, nothing is bound
    wide = load(home=tmp_path / "home", asterisk={"bind": everywhere, "ami_port": 15038})
    render(wide, made_up())
    manager, http = text(wide, "manager.conf"), text(wide, "http.conf")
    assert "bindaddr = 127.0.0.1\nport = 15038" in manager
    assert "bindaddr = 127.0.0.1\nbindport = 8088" in http
    assert "tlsbindaddr = 0.0.0.0:8089" in http


def test_an_own_certificate_is_used_and_none_is_made(tmp_path: Path, made_up: Make) -> None:
    web = {"tls_certificate": "/etc/ssl/bureau.crt", "tls_key": "/etc/ssl/bureau.key"}
    own = load(home=tmp_path / "home", web=web)
    render(own, made_up())
    assert "tlscertfile = /etc/ssl/bureau.crt" in text(own, "http.conf")
    assert not layout(own).certificate.exists()


def test_a_control_socket_never_has_too_long_a_path(tmp_path: Path) -> None:
    deep = load(home=tmp_path / ("deep" * 30))
    assert len(str(layout(deep).run / "asterisk.ctl")) <= 107
    assert layout(deep).run == layout(deep).run
    assert layout(load(home=Path("/srv/hotline"))).run == Path("/srv/hotline/asterisk/run")


@pytest.mark.parametrize("secret", ["", "short", "with space in it", "semi;colon-long", "x" * 200])
def test_a_phone_needs_a_sound_secret(secret: str) -> None:
    with pytest.raises(InvalidEndpointError):
        Endpoint("lawyer1", secret=secret)


@pytest.mark.parametrize(
    "contact", ["lawyer@host", "sip:a@b\nauth = x", "sip:a b@c", "sip:a@b;x=y z"]
)
def test_a_fixed_address_is_an_address(contact: str) -> None:
    with pytest.raises(InvalidEndpointError):
        Endpoint("lawyer1", contact=contact)
