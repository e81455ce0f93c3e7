"""The facilitator's screens over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from tests.service.worlds import ServiceWorld
from tests.web.login import log_in
from tests.web.test_web_public import text_of

pytestmark = pytest.mark.django_db
HERE = "/facilitator/needs/new/231001n1/"


@pytest.fixture
def world() -> ServiceWorld:
    return ServiceWorld()


@pytest.fixture
def facilitator(world: ServiceWorld, client: Client) -> Client:
    log_in(client, world.cast.facilitator_here, second_factor=True)
    return client


def filled(world: ServiceWorld, **changes: Any) -> dict[str, Any]:
    """A form as a facilitator fills it in; ``changes`` replace or add what is sent."""
    values: dict[str, Any] = {
        "key": str(uuid.uuid4()),
        "title": "همراهی سالمندان تا درمانگاه",
        "what": "هفته‌ای یک بار چند سالمند را تا درمانگاه همراهی کنید.",
        "why": "",
        "urgency": "3",
        "people_served": "۱۲",
        "intermediary": str(world.intermediary.pk),
        "line0-half_day": "2",
        "line0-skills": ["storytelling"],
        "line0-headcount": "۲",
        "line0-vetting_tier_min": "0",
        "line0-age_min": "18",
        "line0-gender_required": "any",
        "line0-gender_basis": "",
    }
    return values | changes


def test_own_needs_are_listed_with_people_wanted_and_found(facilitator, world) -> None:
    world.assignment()

    response = facilitator.get("/facilitator/")

    text = text_of(response)
    assert response.status_code == 200
    assert "قصه‌گویی در کتابخانه" in text
    assert "۱ از ۱ نفر" in text
    assert "شنبه صبح" in text
    assert "یکتا" not in text
