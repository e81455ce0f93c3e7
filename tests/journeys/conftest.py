"""The home and the browser of screens' tests serve here, too."""

from tests.web.conftest import browser, home

__all__ = ["browser", "home"]
