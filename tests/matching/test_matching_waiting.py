"""Who has waited longest, by what the tables say."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from salam.engine import Weights
from salam.matching.queries.waiting import waiting_points_of
from salam.people.models import VolunteerProfile
from salam.service.models import Offer, Session
from tests.cast import NOW
from tests.service.worlds import AGREED, ServiceWorld

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
# A point a week, so that points are weeks.
BY_THE_WEEK = Weights(waiting_weeks=(0.0, 100.0), waiting_points=(0.0, 100.0))


@pytest.fixture
def world() -> ServiceWorld:
    return ServiceWorld()


def weeks(*person_ids: int) -> list[int]:
    points = waiting_points_of(
        person_ids=np.array(person_ids, np.int64), on=TODAY, weights=BY_THE_WEEK
    )
    assert points.dtype == np.int32
    return points.tolist()


def register_before(person_id: int, *, weeks_ago: int) -> None:
    VolunteerProfile.objects.filter(person_id=person_id).update(
        registered_at=NOW - timedelta(weeks=weeks_ago)
    )


def test_waiting_begins_with_registration_and_ends_with_being_asked(world) -> None:
    asked, never, newcomer = world.person_id, world.volunteer(), world.volunteer()
    for person_id, weeks_ago in ((asked, 40), (never, 30), (newcomer, 0)):
        register_before(person_id, weeks_ago=weeks_ago)
    assert weeks(asked, never, newcomer) == [40, 30, 0]

    world.offer()
    Offer.objects.update(opened_at=NOW - timedelta(weeks=10))
    assert weeks(newcomer, asked, never) == [0, 10, 30]


def test_whoever_served_waits_since_then(world) -> None:
    register_before(world.person_id, weeks_ago=50)
    session = world.reported()
    Offer.objects.update(opened_at=NOW - timedelta(weeks=20))
    Session.objects.filter(pk=session.pk).update(happens_on=TODAY - timedelta(weeks=3))
    assert weeks(world.person_id) == [3]

    # A date that was not held calls nobody.
    Session.objects.filter(pk=session.pk).update(status="cancelled", reported_minutes=None)
    assert weeks(world.person_id) == [20]
    Session.objects.filter(pk=session.pk).update(
        status="served", happens_on=TODAY + timedelta(weeks=1)
    )
    assert weeks(world.person_id) == [0]


def test_it_costs_two_queries_however_many_wait(world) -> None:
    people = [world.volunteer(consents=AGREED) for _ in range(4)]
    with CaptureQueriesContext(connection) as queries:
        assert weeks(*people, world.person_id) == [0] * 5
    assert len(queries) == 2
    assert weeks() == []
