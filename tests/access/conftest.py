from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from salam.people.vault.keys import key_ring
from tests.access.stage import Stage, make_stage


@pytest.fixture
def vault(tmp_path: Path, settings: Settings) -> Iterator[None]:
    settings.SALAM_VAULT_KEY_FILE = tmp_path / "keys" / "vault.key"
    key_ring.cache_clear()
    yield
    key_ring.cache_clear()


@pytest.fixture
def stage(db: None, vault: None) -> Stage:
    return make_stage()
