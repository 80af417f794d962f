"""Text messages to those whom a case concerns: what they say, what was sent, by which provider.

Notices of the workflow (``case.notice`` in the outbox) and new cases become jobs ``notify``;
:mod:`hotline.messages.jobs` writes each message once and hands it to the provider.
"""

from hotline.messages.provider import (
    MailProvider,
    OutgoingMail,
    OutgoingText,
    TextProvider,
    UndeliverableError,
)
from hotline.messages.tables import MessageState, TextMessageTable

__all__ = [
    "MailProvider",
    "MessageState",
    "OutgoingMail",
    "OutgoingText",
    "TextMessageTable",
    "TextProvider",
    "UndeliverableError",
]
