"""The same house as routing's: a real Asterisk, people, telephones, a controller."""

from tests.acceptance.routing.conftest import *  # noqa: F403
