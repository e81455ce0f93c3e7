"""What becomes of a plan: sent once, set aside once, and what the next run makes of it."""

from __future__ import annotations

from itertools import count

import pytest

from salam.access.queries import actor_for
from salam.core.actors import Stranger
from salam.core.errors import PermissionRefused
from salam.core.models import Event
from salam.matching.actions import discard_run, release_run, run_matching
from salam.matching.actions.deciding import RunNotOpen
from salam.matching.enums import RunStatus
from salam.matching.models import Proposal, Run
from salam.needs.actions import close_need
from salam.people.actions import withdraw_consent
from salam.people.enums import ConsentPurpose
from salam.service.actions import accept_offer, decline_offer
from salam.service.enums import DeclineReason, OfferStatus
from salam.service.models import Offer
from tests.cast import DAY, NOW
from tests.matching.worlds import OPERATOR, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def planned(**changes: object) -> int:
    """One run, over the country unless the changes say otherwise."""
    seconds = count()
    arguments = {"actor": OPERATOR, "now": NOW, "stopwatch": lambda: float(next(seconds))}
    run_id = run_matching(**(arguments | changes)).run_id
    assert run_id is not None
    return run_id


def proposed(run_id: int) -> set[tuple[int, int]]:
    """Person and need of every proposal of a run."""
    rows = Proposal.objects.filter(run_id=run_id)
    return set(rows.values_list("person_id", "need_line__need_id"))


def test_a_release_asks_everybody_of_the_plan_once(world: World) -> None:
    person, need = world.volunteer(), world.need()
    run_id = planned()

    first = release_run(actor=OPERATOR, run_id=run_id, now=NOW)
    second = release_run(actor=OPERATOR, run_id=run_id, now=NOW + DAY)

    offer = Offer.objects.get()
    assert first == second
    assert (first.opened, first.skipped) == (1, {})
    assert (offer.person_id, offer.need_line.need_id) == (person, need)
    assert offer.origin == f"proposal:{Proposal.objects.get().pk}"
    assert Run.objects.get().status == RunStatus.RELEASED
    event = Event.objects.get(kind="matching.run_released")
    assert event.payload == {"opened_count": 1, "skipped_count": 0, "unasked_count": 0}


def test_who_left_meanwhile_is_counted_and_not_asked(world: World) -> None:
    left, stays = world.volunteer(), world.volunteer()
    for _ in range(2):
        world.need()
    closed = world.need()
    world.volunteer()
    run_id = planned()
    asked = proposed(run_id)
    withdraw_consent(actor=OPERATOR, person_id=left, purpose=ConsentPurpose.MATCHING, now=NOW)
    close_need(actor=OPERATOR, need_id=closed, now=NOW)

    release = release_run(actor=OPERATOR, run_id=run_id, now=NOW)

    expected = {pair for pair in asked if pair[0] != left and pair[1] != closed}
    offered = set(Offer.objects.values_list("person_id", "need_line__need_id"))
    assert stays in {person for person, _need in asked}
    assert offered == expected
    assert release.opened == len(expected)
    assert sum(release.skipped.values()) == len(asked) - len(expected)


def test_a_discarded_plan_asks_nobody_and_stays_so(world: World) -> None:
    world.volunteer()
    world.need()
    run_id = planned()

    discard_run(actor=OPERATOR, run_id=run_id, now=NOW)
    discard_run(actor=OPERATOR, run_id=run_id, now=NOW + DAY)
    with pytest.raises(RunNotOpen):
        release_run(actor=OPERATOR, run_id=run_id, now=NOW)

    assert Offer.objects.count() == 0
    assert Run.objects.get().decided_at == NOW
    assert Event.objects.filter(kind="matching.run_discarded").count() == 1


def test_a_released_plan_cannot_be_set_aside(world: World) -> None:
    world.volunteer()
    world.need()
    run_id = planned()
    release_run(actor=OPERATOR, run_id=run_id, now=NOW)

    with pytest.raises(RunNotOpen):
        discard_run(actor=OPERATOR, run_id=run_id, now=NOW)

    assert Run.objects.get().status == RunStatus.RELEASED


def test_an_older_plan_gives_way_to_a_newer_one(world: World) -> None:
    world.volunteer()
    world.need()
    older, newer = planned(), planned()

    with pytest.raises(RunNotOpen):
        release_run(actor=OPERATOR, run_id=older, now=NOW)
    release = release_run(actor=OPERATOR, run_id=newer, now=NOW)

    assert Run.objects.get(pk=older).status == RunStatus.SUPERSEDED
    assert release.opened == 1


def test_only_headquarters_of_the_place_decide(world: World) -> None:
    world.volunteer()
    world.need()
    country = planned()
    cast = world.cast
    refused = [
        Stranger(),
        *(
            actor_for(person_id=person.pk, at=NOW)
            for person in (
                cast.coordinator_above,  # of one province, and the plan is the country's
                cast.facilitator_here,
                cast.officer,
                cast.agency_reader,
                cast.volunteer,
            )
        ),
    ]

    for actor in refused:
        for decide in (release_run, discard_run):
            with pytest.raises(PermissionRefused):
                decide(actor=actor, run_id=country, now=NOW)
            with pytest.raises(PermissionRefused):
                decide(actor=actor, run_id=country + 1000, now=NOW)

    assert Run.objects.get().status == RunStatus.PROPOSED
    assert Offer.objects.count() == 0


def test_the_next_run_keeps_who_was_asked_and_leaves_out_who_said_no(world: World) -> None:
    kept, refuses = world.volunteer(), world.volunteer()
    first_need, second_need = world.need(), world.need()
    release_run(actor=OPERATOR, run_id=planned(), now=NOW)
    mine = Offer.objects.get(person_id=kept)
    theirs = Offer.objects.get(person_id=refuses)
    accept_offer(actor=actor_for(person_id=kept, at=NOW), offer_id=mine.public_id, now=NOW)
    decline_offer(
        actor=actor_for(person_id=refuses, at=NOW),
        offer_id=theirs.public_id,
        reason=DeclineReason.NO_TIME,
        now=NOW,
    )

    again = proposed(planned())
    third_need = world.need()
    after = proposed(planned())

    accepted_need = mine.need_line.need_id
    refused_need = theirs.need_line.need_id
    assert {accepted_need, refused_need} == {first_need, second_need}
    # Whoever said yes holds the half-day; whoever said no is free for anything but that need.
    assert again == set()
    assert after == {(refuses, third_need)}
    assert set(Offer.objects.values_list("status", flat=True)) == {
        OfferStatus.ACCEPTED,
        OfferStatus.DECLINED,
    }
