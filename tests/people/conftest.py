from __future__ import annotations

import pytest

from salam.people.actions import ensure_vault_key, load_catalogue
from tests.cast import Tree, make_tree
from tests.people.intake import OPERATOR


@pytest.fixture
def tree(db: None) -> Tree:
    """A small tree of places, the catalogue, and a key for the vault."""
    ensure_vault_key()
    load_catalogue(actor=OPERATOR)
    return make_tree()
