"""The same browser and accounts as the web's own tests."""

from tests.integration.web.conftest import *  # noqa: F403
