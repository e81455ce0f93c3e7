"""The home of screens' tests serves here, too."""

from tests.web.conftest import home

__all__ = ["home"]
