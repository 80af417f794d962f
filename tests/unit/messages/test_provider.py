"""Who carries a message is named in the configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hotline.messages.carriers import open_mail_provider, open_provider
from hotline.messages.provider import FileProvider, ProviderUnknownError
from hotline.settings import Settings


@pytest.mark.parametrize(
    ("opened", "other", "told"),
    [
        (open_provider, "gateway", ("短信", "provider")),
        (open_mail_provider, "smtp", ("邮件", "mail_provider")),
    ],
)
def test_a_carrier_is_opened_by_name_and_an_unknown_one_says_what_there_is(
    opened: Callable[[str, Settings], object], other: str, told: tuple[str, str], tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path)
    assert isinstance(opened("file", settings), FileProvider)
    with pytest.raises(ProviderUnknownError) as error:
        opened("pigeon", settings)
    what, key = told
    assert f"没有名为“pigeon”的{what}通道（现有：file、{other}）" in error.value.message
    assert error.value.message.endswith(f"的 {key}")
