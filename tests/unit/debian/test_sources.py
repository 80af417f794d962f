from pathlib import Path

import pytest

from hotline.debian import sources
from hotline.debian.sources import Host, Source

BOOKWORM = Host("debian", "bookworm")


@pytest.fixture
def apt(tmp_path: Path) -> Path:
    """A machine's /etc/apt."""
    (tmp_path / "sources.list.d").mkdir()
    return tmp_path


def test_deb822_sources_are_read(apt: Path) -> None:
    (apt / "sources.list.d/debian.sources").write_text(
        "# made at install\n"
        "Types: deb deb-src\n"
        "# a comment inside\n"
        "URIs: http://mirror.example/debian\n"
        "Suites: bookworm bookworm-updates\n"
        "Components: main contrib\n"
        "Signed-By: /usr/share/keyrings/x.gpg\n"
        "\n"
        "Types: deb\n"
        "URIs: http://mirror.example/debian-security\n"
        "Suites: bookworm-security\n"
        "Components: main\n"
        "\n"
        "Types: deb-src\n"
        "URIs: http://mirror.example/debian\n"
        "Suites: bookworm\n"
        "Components: main\n"
        "\n"
        "Types: deb\n"
        "Enabled: no\n"
        "URIs: http://off.example/debian\n"
        "Suites: bookworm\n"
        "Components: main\n"
    )
    found = sources.read(apt)
    assert [(s.uri, s.suite) for s in found] == [
        ("http://mirror.example/debian", "bookworm"),
        ("http://mirror.example/debian", "bookworm-updates"),
        ("http://mirror.example/debian-security", "bookworm-security"),
    ]
    assert found[0].line() == (
        "deb [signed-by=/usr/share/keyrings/x.gpg] http://mirror.example/debian "
        "bookworm main contrib"
    )


def test_one_line_sources_are_read_with_their_options(apt: Path) -> None:
    (apt / "sources.list").write_text(
        "deb https://mirror.example/debian bookworm main # the main one\n"
        "# deb http://off.example/debian bookworm main\n"
        "deb-src http://mirror.example/debian bookworm main\n"
        "deb [arch=s390x] http://other.example/debian bookworm main\n"
        f"deb [arch={sources.architecture()},s390x signed-by=/k.gpg] http://b.example/x "
        "bookworm main non-free\n"
        "nonsense\n"
    )
    assert sources.read(apt) == [
        Source("https://mirror.example/debian", "bookworm", ("main",)),
        Source("http://b.example/x", "bookworm", ("main", "non-free"), "/k.gpg"),
    ]


def test_a_key_inside_a_stanza_is_left_to_apts_own_keys(apt: Path) -> None:
    (apt / "sources.list.d/x.sources").write_text(
        "Types: deb\nURIs: http://m.example/debian\nSuites: bookworm\nComponents: main\n"
        "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n"
    )
    assert sources.read(apt)[0].signed_by == ""


def test_the_main_mirror_is_the_distributions_own_not_a_third_partys() -> None:
    known = [
        Source("http://third.example/apt", "nodistro", ("main",)),
        Source("http://third.example/apt", "cloud-bookworm", ("main",)),
        Source("http://m.example/debian-security", "bookworm-security", ("main",)),
        Source("http://m.example/debian", "bookworm", ("main",)),
    ]
    main = sources.mirror(known, BOOKWORM)
    assert main == known[3]
    assert main is not None
    assert sources.with_suite(main, "forky").line() == "deb http://m.example/debian forky main"
    assert sources.of_distribution(known, BOOKWORM) == known[2:]


def test_without_an_archive_of_the_distribution_there_is_no_mirror() -> None:
    assert sources.mirror([Source("http://x.example", "nodistro", ("main",))], BOOKWORM) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ID=debian\nVERSION_CODENAME=bookworm\n", Host("debian", "bookworm")),
        ("ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n", Host("ubuntu", "noble")),
        (
            'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=zara\nUBUNTU_CODENAME=noble\n',
            Host("ubuntu", "noble"),
        ),
        ("ID=raspbian\nID_LIKE=debian\nVERSION_CODENAME=bookworm\n", Host("debian", "bookworm")),
        ('ID="openEuler"\nVERSION_ID="24.03"\n', None),
        ("ID=fedora\n", None),
    ],
)
def test_the_machine_tells_what_it_runs(tmp_path: Path, text: str, expected: Host | None) -> None:
    file = tmp_path / "os-release"
    file.write_text(text)
    assert sources.host(file) == expected


def test_a_machine_without_os_release_is_no_debian(tmp_path: Path) -> None:
    assert sources.host(tmp_path / "none") is None
