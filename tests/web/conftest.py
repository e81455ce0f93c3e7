from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from salam.people.actions import load_catalogue
from tests.cast import Cast, make_cast
from tests.people.intake import OPERATOR


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
