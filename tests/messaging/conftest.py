from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from salam.messaging.gateways import GATEWAYS
from salam.people.vault.actions import ensure_key
from salam.people.vault.keys import key_ring
from tests.messaging.stage import RecordingGateway, register


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Settings) -> Path:
    """A home and templates of the test's own; messages go into a file."""
    settings.SALAM_HOME = tmp_path
    settings.SALAM_SMS_GATEWAY = "file"
    register()
    return tmp_path


@pytest.fixture
def vault(tmp_path: Path, settings: Settings) -> Iterator[None]:
    settings.SALAM_VAULT_KEY_FILE = tmp_path / "keys" / "vault.key"
    key_ring.cache_clear()
    ensure_key()
    yield
    key_ring.cache_clear()


@pytest.fixture
def choose(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> Callable[[RecordingGateway], RecordingGateway]:
    """Make a gateway of the test's own the one of this installation."""

    def chosen(gateway: RecordingGateway) -> RecordingGateway:
        monkeypatch.setitem(GATEWAYS, gateway.name, lambda: gateway)
        settings.SALAM_SMS_GATEWAY = gateway.name
        return gateway

    return chosen
