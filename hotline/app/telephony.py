"""``hotline asterisk``: the commands of the telephony's package, over what the house writes."""

from __future__ import annotations

from hotline.app.installation import prepare
from hotline.asterisk.commands import commands

app = commands(prepare)
