"""Any volunteer and any need: who may ask, and that what people answered is told as it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from salam.access.queries import actor_for
from salam.core.actors import Actor
from salam.core.errors import PermissionRefused
from salam.matching.queries import (
    VolunteerNotFound,
    explain,
    explain_by_code,
    need_to_ask_about,
    needs_to_ask_about,
)
from salam.matching.queries.verdicts import Verdict
from salam.needs.actions import NewLine
from salam.needs.actions.closing import close_need
from salam.needs.models import Need, NeedLine
from salam.people.codes import code_of, normalise_code
from salam.people.models import Person
from salam.service.actions import NewOffer, accept_offer, decline_offer, open_offer
from salam.service.enums import DeclineReason
from salam.service.models import Offer
from tests.cast import NOW
from tests.matching.test_matching_actions import run
from tests.matching.worlds import (
    OPERATOR,
    SATURDAY_AFTERNOON,
    SATURDAY_MORNING,
    STORYTELLING,
    World,
)

pytestmark = pytest.mark.django_db


def code_for(person_id: int) -> str:
    return normalise_code(code_of(public_id=Person.objects.get(pk=person_id).public_id))


def asked(world: World, person_id: int, need_id: int, *, answer: str) -> None:
    """Somebody is asked for the first line of a need, and answers."""
    line = NeedLine.objects.filter(need_id=need_id).order_by("pk")[0]
    offer = open_offer(
        actor=OPERATOR,
        offer=NewOffer(person_id=person_id, need_line_id=line.pk, origin="proposal:1"),
        now=NOW,
    )
    actor = actor_for(person_id=person_id, at=NOW)
    if answer == "yes":
        accept_offer(actor=actor, offer_id=offer.public_id, now=NOW)
    elif answer == "no":
        decline_offer(actor=actor, offer_id=offer.public_id, reason=DeclineReason.UNSTATED, now=NOW)


@pytest.mark.parametrize(
    ("answer", "verdict", "words"),
    [
        ("", Verdict.ASKED, "پاسخش هنوز نیامده"),
        ("yes", Verdict.SAID_YES, "پذیرفته است"),
        ("no", Verdict.SAID_NO, "نه گفته است"),
    ],
)
def test_what_somebody_answered_is_told_and_nothing_is_promised(answer, verdict, words) -> None:
    world = World()
    person_id, need_id = world.volunteer(), world.need()
    asked(world, person_id, need_id, answer=answer)
    run()

    told = explain(actor=OPERATOR, person_id=person_id, need_id=need_id, on=NOW.date())

    assert [line.verdict for line in told.lines] == [verdict]
    assert words in " ".join(told.sentences)
    assert [line.changes for line in told.lines] == [[]]
    assert bool(told.whole) == (answer == "no")


def test_a_proposal_that_was_sent_keeps_its_reason_and_tells_the_answer() -> None:
    world = World()
    person_id, need_id = world.volunteer(), world.need()
    run()
    asked(world, person_id, need_id, answer="yes")

    told = explain(actor=OPERATOR, person_id=person_id, need_id=need_id, on=NOW.date())

    [line] = told.lines
    assert (line.verdict, line.answered) == (Verdict.PROPOSED, Verdict.SAID_YES)
    assert "تنها کسی که همهٔ شرط‌ها را دارد" in line.answer
    assert "خودش این نیم‌روز را پذیرفته است" in line.answer
    assert line.changes == []


def test_what_somebody_accepted_elsewhere_fills_the_half_day_and_the_week() -> None:
    world = World()
    half_days = 1 << SATURDAY_MORNING | 1 << SATURDAY_AFTERNOON
    person_id = world.volunteer(weekly_half_days=1, half_day_bits=half_days)
    asked(world, person_id, world.need(), answer="yes")
    need_id = world.need(
        NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING),
        NewLine(half_day=SATURDAY_AFTERNOON, skill_bits=STORYTELLING),
    )
    run()

    told = explain(actor=OPERATOR, person_id=person_id, need_id=need_id, on=NOW.date())

    assert [line.verdict for line in told.lines] == [Verdict.HALF_DAY_TAKEN, Verdict.WEEK_FULL]


def test_a_closed_need_is_said_to_be_closed() -> None:
    world = World()
    person_id, need_id = world.volunteer(), world.need()
    run()
    close_need(actor=OPERATOR, need_id=need_id, now=NOW)

    told = explain(actor=OPERATOR, person_id=person_id, need_id=need_id, on=NOW.date())

    assert (told.lines, told.sentences) == ((), [told.whole])
    assert "بسته شده است" in told.whole


def refused(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except PermissionRefused:
        return True
    return False


def test_headquarters_ask_about_needs_of_their_places_and_nobody_else_asks() -> None:
    world = World()
    here = Need.objects.get(pk=world.need())
    elsewhere = Need.objects.get(pk=world.need(place=world.cast.places.elsewhere))
    cast = world.cast
    expected = {
        cast.national: {here, elsewhere},
        cast.coordinator_above: {here},
        cast.officer: set(),
        cast.facilitator_here: set(),
        cast.agency_reader: set(),
        cast.volunteer: set(),
    }

    for person, needs in expected.items():
        actor = actor_for(person_id=person.pk, at=NOW)
        assert refused(lambda actor=actor: needs_to_ask_about(actor=actor)) == (not needs)
        if needs:
            assert set(needs_to_ask_about(actor=actor)) == needs
        for need in (here, elsewhere):
            assert refused(
                lambda actor=actor, need=need: need_to_ask_about(
                    actor=actor, public_id=need.public_id
                )
            ) == (need not in needs)


def test_a_code_of_nobody_and_of_somebody_out_of_reach_are_answered_alike() -> None:
    world = World()
    neighbour = world.volunteer()
    stranger = world.volunteer(
        home_place_id=world.cast.places.elsewhere.pk,
        home_province_code=world.cast.places.elsewhere.province_code,
    )
    need = Need.objects.get(pk=world.need())
    run()
    coordinator = actor_for(person_id=world.cast.coordinator_above.pk, at=NOW)
    national = actor_for(person_id=world.cast.national.pk, at=NOW)

    def told(actor: Actor, code: str) -> str:
        need_asked = need_to_ask_about(actor=actor, public_id=need.public_id)
        try:
            found = explain_by_code(actor=actor, need=need_asked, code=code, on=NOW.date())
        except VolunteerNotFound as missing:
            return missing.sentence
        return found.lines[0].verdict.name

    nobody = told(coordinator, "1" * 15)
    assert told(coordinator, code_for(stranger)) == nobody
    # Somebody of staff is no volunteer, whoever asks.
    assert told(national, code_for(world.cast.officer.pk)) == nobody
    assert told(national, "1" * 15) == nobody
    assert told(coordinator, code_for(neighbour)) == "PROPOSED"
    assert told(national, code_for(stranger)) == "LINE_FULL"
    assert not Offer.objects.exists()
