"""Which carriers of text messages and e-mail there are, by their names in ``messages.yaml``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from hotline.messages.gateway import GatewayProvider
from hotline.messages.provider import (
    FileProvider,
    MailProvider,
    ProviderUnknownError,
    TextProvider,
)
from hotline.messages.smtp import SmtpProvider
from hotline.settings import Settings

Maker = TypeVar("Maker")

PROVIDERS: Mapping[str, Callable[[Settings], TextProvider]] = {
    "file": lambda settings: FileProvider(settings.home / "messages" / "outgoing.jsonl"),
    "gateway": GatewayProvider.of,
}

MAIL_PROVIDERS: Mapping[str, Callable[[Settings], MailProvider]] = {
    "file": lambda settings: FileProvider(settings.home / "messages" / "outgoing-mail.jsonl"),
    "smtp": SmtpProvider.of,
}


def open_mail_provider(name: str, settings: Settings) -> MailProvider:
    """Return the carrier of e-mail called ``name``.

    Raises:
        ProviderUnknownError: there is none of that name.
    """
    return _named(MAIL_PROVIDERS, name, "邮件", "mail_provider")(settings)


def open_provider(name: str, settings: Settings) -> TextProvider:
    """Return the provider of text messages called ``name``.

    Raises:
        ProviderUnknownError: there is none of that name.
    """
    return _named(PROVIDERS, name, "短信", "provider")(settings)


def _named(makers: Mapping[str, Maker], name: str, what: str, key: str) -> Maker:
    if name not in makers:
        raise ProviderUnknownError(
            f"没有名为“{name}”的{what}通道（现有：{'、'.join(makers)}），"
            f"请修改 config/messages/messages.yaml 的 {key}"
        )
    return makers[name]
