from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pytest_django.fixtures import Settings

from salam.people.actions import load_catalogue
from tests.cast import Cast, make_cast
from tests.people.intake import OPERATOR
from tests.web.browser import open_browser


@pytest.fixture
def home(tmp_path: Path, settings: Settings) -> Path:
    """A home of the test's own: messages go into a file there."""
    settings.SALAM_HOME = tmp_path
    settings.SALAM_SMS_GATEWAY = "file"
    return tmp_path


@pytest.fixture
def cast(db: None) -> Cast:
    load_catalogue(actor=OPERATOR)
    return make_cast()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread; nothing that runs in it touches the database.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with open_browser() as browser:
            yield browser
