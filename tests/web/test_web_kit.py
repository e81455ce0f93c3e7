"""The kit: every component in every state, in debug only."""

from __future__ import annotations

import pytest

ADDRESSES = (
    "/kit/",
    "/kit/forms/",
    "/kit/lists/",
    "/kit/lists/none/",
    "/kit/charts/",
    "/kit/staff/",
    "/kit/confirm/",
)
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_of_the_kit_shows_in_debug(client, settings, address) -> None:
    settings.DEBUG = True

    response = client.get(address)

    assert response.status_code == 200
    assert "ساختگی" in response.content.decode()


@pytest.mark.parametrize("address", [*ADDRESSES, "/kit/places/"])
def test_without_debug_the_kit_looks_missing(client, address) -> None:
    response = client.get(address)

    assert response.status_code == 404
    assert "چنین چیزی پیدا نشد." in response.content.decode()
