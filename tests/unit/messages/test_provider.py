"""Who carries a message is named in the configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hotline.messages.provider import (
    FileProvider,
    ProviderUnknownError,
    open_mail_provider,
    open_provider,
)
from hotline.settings import Settings


@pytest.mark.parametrize(
    ("opened", "what", "key"),
    [(open_provider, "短信", "provider"), (open_mail_provider, "邮件", "mail_provider")],
)
def test_a_carrier_is_opened_by_name_and_an_unknown_one_says_what_there_is(
    opened: Callable[[str, Settings], object], what: str, key: str, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path)
    assert isinstance(opened("file", settings), FileProvider)
    with pytest.raises(ProviderUnknownError) as told:
        opened("pigeon", settings)
    assert f"没有名为“pigeon”的{what}通道（现有：file）" in told.value.message
    assert told.value.message.endswith(f"的 {key}")
