"""The Asterisk beside us: found or extracted, rendered, started, stopped.

See :class:`~hotline.asterisk.server.Asterisk`. Phones are given as
:class:`~hotline.asterisk.endpoints.Endpoint`; templates are ``config/asterisk/*.j2``.
"""

from hotline.asterisk.endpoints import Endpoint, Kind
from hotline.asterisk.errors import AsteriskError
from hotline.asterisk.installation import Installation
from hotline.asterisk.render import Layout, Rendering, layout
from hotline.asterisk.server import Asterisk, Status

__all__ = [
    "Asterisk",
    "AsteriskError",
    "Endpoint",
    "Installation",
    "Kind",
    "Layout",
    "Rendering",
    "Status",
    "layout",
]
