"""What one more would be worth, kept with a run: by county, without anybody's name or language."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from salam.core.quantities import grouped
from salam.matching.enums import RecruitKind, RunStatus
from salam.matching.models import Proposal, RecruitFigure, Run
from salam.matching.queries import (
    best_recruits_by_part,
    last_run_with_recruits,
    recruit_sentence,
    recruits_of,
    typical_points,
)
from salam.needs.actions import NewLine
from salam.needs.enums import Urgency
from salam.people.enums import VettingTier
from salam.people.queries import list_active_skills
from tests.matching.worlds import (
    COMPANION,
    SATURDAY_AFTERNOON,
    SATURDAY_MORNING,
    STORYTELLING,
    World,
    stored_run,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def worths(run: Run, kind: RecruitKind) -> dict[tuple[str, str], int]:
    return {(one.place_code, one.key): one.worth for one in recruits_of(run=run, kind=kind)}


def value_with(world: World, **changes: object) -> int:
    world.volunteer(**changes)
    value = stored_run().value
    assert value is not None
    return value


def test_a_new_volunteer_is_worth_what_the_next_plan_gains_with_them(world) -> None:
    world.volunteer()
    world.need(NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING, headcount=3))
    world.need(NewLine(half_day=SATURDAY_AFTERNOON, skill_bits=COMPANION))
    run = stored_run()
    codes = {skill.bit: skill.code for skill in list_active_skills()}

    found = worths(run, RecruitKind.VOLUNTEER)

    storyteller, companion = ("2301", codes[1]), ("2301", codes[2])
    assert set(found) == {storyteller, companion}
    [two] = [one for one in recruits_of(run=run) if one.key == codes[1]]
    assert two.worth_of_two == two.worth  # all ask for the same half-day
    gained = value_with(world) - (run.value or 0)
    # Whoever waits for a first task brings a few points more, which no recruit is priced with.
    assert found[storyteller] <= gained <= found[storyteller] + 20 * 10


def test_half_days_seats_and_vetting_are_priced_where_they_are_short(world) -> None:
    both = 1 << SATURDAY_MORNING | 1 << SATURDAY_AFTERNOON
    world.volunteer(half_day_bits=both, weekly_half_days=1)
    world.need(
        NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING),
        NewLine(half_day=SATURDAY_AFTERNOON, skill_bits=STORYTELLING),
    )
    run = stored_run()
    assert set(worths(run, RecruitKind.HALF_DAY)) == {("2301", "")}
    assert not worths(run, RecruitKind.SEAT)

    world.volunteer(half_day_bits=both)
    world.set_seats(1)
    run = stored_run()
    [seat] = recruits_of(run=run, kind=RecruitKind.SEAT)
    assert (seat.what, seat.place_code) == (world.intermediary.organization.name, "2301")
    world.set_seats(2)
    assert (stored_run().value or 0) - (run.value or 0) == seat.worth

    world.set_seats(9)
    world.need(
        NewLine(
            half_day=SATURDAY_MORNING,
            skill_bits=STORYTELLING,
            vetting_tier_min=VettingTier.CONTACT,
        )
    )
    assert set(worths(stored_run(), RecruitKind.VETTING)) == {("2301", "1")}


def test_languages_are_told_for_the_whole_place_only(world) -> None:
    [language, *_more] = [one for one in list_active_skills() if one.is_language]
    line = {"half_day": SATURDAY_MORNING, "skill_bits": STORYTELLING}
    world.need(NewLine(**line, language_bits=1 << language.bit))

    run = stored_run()

    assert worths(run, RecruitKind.LANGUAGE).keys() == {("ir", language.code)}
    assert not worths(run, RecruitKind.VOLUNTEER)
    within = recruits_of(run=run, within_path=world.cast.places.county.path)
    assert all(one.kind != RecruitKind.LANGUAGE for one in within)
    assert best_recruits_by_part(recruits=recruits_of(run=run), by_province=True) == {}


def test_a_covered_world_needs_nobody(world) -> None:
    world.volunteer()
    world.need()

    run = stored_run()

    # Somebody nearer might spare some travel, which is all that a newcomer could add.
    typical = typical_points(run=run)
    assert typical
    assert all(one.points < typical / 4 for one in recruits_of(run=run))


def test_worths_are_told_in_proposals_of_the_same_plan(world) -> None:
    for _ in range(3):
        world.need()
        world.volunteer(weekly_half_days=1)
    world.need(urgency=Urgency.CRITICAL)

    run = stored_run()

    points = sorted(Proposal.objects.filter(run=run).values_list("points", "distance_100m"))
    worth_of_each = sorted(20 * one - distance for one, distance in points)
    assert run.parameters["typical_worth"] == worth_of_each[len(points) // 2]
    assert len(points) == 3
    [recruit, *_rest] = recruits_of(run=run, kind=RecruitKind.VOLUNTEER)
    assert recruit.typical_worth == run.parameters["typical_worth"]
    times = grouped(round(recruit.worth / recruit.typical_worth, 1)).replace("٫۰", "")
    assert f"به اندازهٔ {times} پیشنهاد معمولی این چینش" in recruit_sentence(recruit=recruit)
    assert f"{grouped(recruit.points)} امتیاز" in recruit_sentence(recruit=recruit)
    Run.objects.filter(pk=run.pk).update(parameters={})
    [old, *_rest] = recruits_of(run=Run.objects.get(pk=run.pk), kind=RecruitKind.VOLUNTEER)
    assert "پیشنهاد معمولی" not in recruit_sentence(recruit=old)


def test_only_the_newest_live_run_around_a_place_is_read(world) -> None:
    places = world.cast.places
    assert last_run_with_recruits(place=places.county) is None
    world.need()
    first = stored_run()
    assert last_run_with_recruits(place=places.county) == first
    second = stored_run("23")
    assert last_run_with_recruits(place=places.county) == second
    assert last_run_with_recruits(place=places.country) == first
    Run.objects.filter(pk=second.pk).update(status=RunStatus.DISCARDED)
    assert last_run_with_recruits(place=places.county) == first


def test_sentences_and_two_queries(world) -> None:
    world.need()
    run = stored_run()

    with CaptureQueriesContext(connection) as caught:
        [one] = recruits_of(run=run, kind=RecruitKind.VOLUNTEER)

    assert len(caught) == 2
    assert world.cast.places.county.name in recruit_sentence(recruit=one)
    assert one.what in recruit_sentence(recruit=one)
    # Nobody was placed: there is nothing to compare with.
    assert typical_points(run=run) is None
    assert f"{grouped(one.points)} امتیاز می‌ارزد" in recruit_sentence(recruit=one)
    assert RecruitFigure.objects.filter(run=run).count() < 10
