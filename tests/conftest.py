"""Fixtures that every part of the suite may use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import caches
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.ledger import empty_ledger

# A Sunday in Azar 1405; tests never read the clock.
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first, and those that start programs: a long one that begins last
    keeps the other worker idle.
    """
    slow = {
        item.path
        for item in items
        if item.get_closest_marker("slow") or "commands" in item.path.parts
    }
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The databases of the suite, which nobody uses any more when they are dropped: a page that a
    live server is still making when its browser is gone holds a connection for a moment.
    """
    del django_db_setup
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """
        )


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def _plain_static_files(settings: pytest.FixtureRequest) -> None:
    """Pages name their style sheet without a collected manifest, which only a served site has."""
    settings.STORAGES = {  # type: ignore[attr-defined]
        **settings.STORAGES,  # type: ignore[attr-defined]
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    caches["local"].clear()  # the shared one is a table, and goes with the test's transaction
    yield
    from salam.people.vault.keys import key_ring

    key_ring.cache_clear()


@pytest.fixture(autouse=True)
def _ledger_emptied_where_it_was_committed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests that commit end with TRUNCATE, which the ledger refuses as long as it holds hours."""
    marker = request.node.get_closest_marker("django_db")
    is_marked = marker is not None and (marker.args or marker.kwargs.get("transaction"))
    if not is_marked and not {"transactional_db", "live_server"} & {*request.fixturenames}:
        yield
        return
    # Asked for first, so that this one ends before it.
    request.getfixturevalue("transactional_db")
    yield
    empty_ledger()
