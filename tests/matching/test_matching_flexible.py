"""Needs without a fixed half-day: windows and open-ended ones, through real runs."""

from __future__ import annotations

import doctest
from collections import Counter
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from salam.core.dates import HALF_DAY_COUNT, next_half_day
from salam.engine import solve, violations
from salam.engine.capacity import count_in_groups
from salam.matching.actions import release_run
from salam.matching.models import Proposal, Run
from salam.matching.queries import build_problem, expansion, explain
from salam.matching.queries.verdicts import Verdict
from salam.needs.actions import NewLine
from salam.needs.enums import Timing
from salam.needs.models import NeedLine
from salam.needs.timing import ALL_HALF_DAYS
from salam.organizations.models import Intermediary
from salam.people.models import VolunteerProfile
from salam.service.actions import accept_offer, decline_offer
from salam.service.enums import DeclineReason, OfferStatus
from salam.service.models import Offer, Session
from tests.cast import DAY, NOW
from tests.matching.test_matching_actions import run
from tests.matching.worlds import COMPANION, OPERATOR, SATURDAY_MORNING, STORYTELLING
from tests.service.worlds import AGREED, ServiceWorld

pytestmark = pytest.mark.django_db

TODAY = NOW.date()  # a Sunday
TUESDAY, WEDNESDAY, THURSDAY = date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26)


@pytest.fixture
def world() -> ServiceWorld:
    """No volunteers and no needs but those of the test."""
    made = ServiceWorld()
    NeedLine.objects.all().delete()
    VolunteerProfile.objects.update(weekly_half_days=0)
    return made


def open_ended(**changes: object) -> NewLine:
    values: dict[str, object] = {
        "timing": Timing.OPEN,
        "half_day_bits": ALL_HALF_DAYS,
        "half_days_weekly": 2,
        "skill_bits": STORYTELLING,
    }
    return NewLine(**(values | changes))  # type: ignore[arg-type]


def window(first: date, last: date, **changes: object) -> NewLine:
    return open_ended(timing=Timing.WINDOW, starts_on=first, ends_on=last, **changes)


def proposed() -> list[tuple[int, int]]:
    """Person and half-day of the last run, by half-day."""
    last = Proposal.objects.filter(run=Run.objects.latest("pk"))
    return list(last.order_by("half_day", "person_id").values_list("person_id", "half_day"))


def available(world: ServiceWorld, **changes: object) -> int:
    """Somebody free all week."""
    free = {"half_day_bits": ALL_HALF_DAYS, "weekly_half_days": 14}
    return world.volunteer(**(free | changes))


def test_the_examples_of_the_expansion_run() -> None:
    assert doctest.testmod(expansion).failed == 0


def test_an_open_ended_need_with_fourteen_half_days_gets_what_it_asks_for(world) -> None:
    person_id = available(world)
    need_id = world.need(open_ended(half_days_weekly=3))

    outcome = run()

    built = build_problem(on=TODAY)
    assert built.problem.l_slot.tolist() == list(range(HALF_DAY_COUNT))
    assert len(set(built.line_ids.tolist())) == 1
    assert (outcome.lines, outcome.units, outcome.proposed) == (1, 3, 3)
    assert outcome.value == outcome.upper_bound
    half_days = [half_day for _person, half_day in proposed()]
    assert len(set(half_days)) == 3
    assert {person for person, _half_day in proposed()} == {person_id}
    assert set(Proposal.objects.values_list("need_line__need_id", flat=True)) == {need_id}


def test_a_persons_own_week_ends_before_the_needs(world) -> None:
    available(world, weekly_half_days=1)
    world.need(open_ended(half_days_weekly=3))

    assert run().proposed == 1


def test_nested_seats_hold_below_the_institutions_and_beside_each_other(world) -> None:
    for _ in range(6):
        available(world)
    world.need(open_ended(half_days_weekly=2, headcount=2))
    world.need(open_ended(half_days_weekly=3), title="دومی")
    world.need(title="ثابت")
    world.set_seats(6)

    built = build_problem(on=TODAY)
    problem = built.problem
    solution = solve(problem)

    assert problem.g_cap.tolist() == [6, 4, 3]
    assert problem.g_parent.tolist() == [-1, 0, 0]
    assert problem.line_count == 2 * HALF_DAY_COUNT + 1
    assert built.asked.tolist() == [4, 3, 1]
    assert built.line_start.tolist() == [0, HALF_DAY_COUNT, 2 * HALF_DAY_COUNT]
    assert violations(problem, solution) == []
    used = count_in_groups(problem.l_group[solution.p_line], problem.g_parent)
    assert used[0] == 6
    assert (used <= problem.g_cap).all()
    world.set_seats(20)
    assert run().proposed == 8
    by_line = Counter(Proposal.objects.values_list("need_line_id", flat=True))
    assert sorted(by_line.values()) == [1, 3, 4]
    at_once = Counter(Proposal.objects.values_list("need_line_id", "half_day"))
    assert max(at_once.values()) <= 2


def test_the_headcount_holds_on_every_half_day(world) -> None:
    for _ in range(3):
        available(world, half_day_bits=0b11)
    world.need(open_ended(half_day_bits=0b11, half_days_weekly=2))

    run()

    assert Counter(half_day for _person, half_day in proposed()) == {0: 1, 1: 1}


def test_a_window_that_begins_in_mid_week_is_asked_for_from_there(world) -> None:
    available(world)
    world.need(window(TUESDAY, THURSDAY, half_days_weekly=14))

    run()

    days = [next_half_day(half_day, after=TODAY) for _person, half_day in proposed()]
    assert days == [day for day in (TUESDAY, WEDNESDAY, THURSDAY) for _part in range(2)]


def test_the_coming_week_is_the_seven_days_after_today(world) -> None:
    # Today is over for a plan made today; the same weekday comes again in a week.
    world.need(window(TODAY, TODAY + 7 * DAY, half_days_weekly=14))
    world.need(window(TODAY + 8 * DAY, TODAY + 20 * DAY, half_days_weekly=14), title="دورتر")

    built = build_problem(on=TODAY)

    assert built.problem.line_count == HALF_DAY_COUNT
    assert len(set(built.need_ids.tolist())) == 1
    by_need = Counter(build_problem(on=TODAY + DAY).need_ids.tolist())
    assert sorted(by_need.values()) == [2, HALF_DAY_COUNT - 2]


def test_a_window_that_has_passed_is_asked_for_no_more_and_says_so(world) -> None:
    person_id = available(world)
    need_id = world.need(window(TUESDAY, WEDNESDAY))
    later = NOW + 5 * DAY

    outcome = run(now=later)

    assert (outcome.lines, outcome.units, outcome.proposed) == (0, 0, 0)
    assert outcome.value == outcome.upper_bound == 0
    told = explain(actor=OPERATOR, person_id=person_id, need_id=need_id, on=later.date())
    assert [line.verdict for line in told.lines] == [Verdict.WINDOW_OVER]
    assert "روزهایش گذشته است" in told.sentences[0]
    assert told.sentences[0].startswith("از ۱۴۰۵/۰۹/۰۳ تا ۱۴۰۵/۰۹/۰۴، هفته‌ای تا ۲ نیم‌روز")


def test_a_window_that_is_far_ahead_says_so(world) -> None:
    person_id = available(world)
    need_id = world.need(window(TODAY + 30 * DAY, TODAY + 40 * DAY))
    run()

    told = explain(actor=OPERATOR, person_id=person_id, need_id=need_id, on=TODAY)

    assert [line.verdict for line in told.lines] == [Verdict.WINDOW_AHEAD]


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({"half_day_bits": 1 << 9}, Verdict.NOT_FREE, "در هیچ‌یک از این نیم‌روزها آزاد نیست"),
        ({"skill_bits": COMPANION}, Verdict.NO_SKILL, "مهارت"),
        ({}, Verdict.LINE_FULL, "پر شد"),
    ],
)
def test_a_flexible_line_gets_one_sentence_where_nothing_was_proposed(
    world, changes, verdict, words
) -> None:
    available(world)
    farther = world.neighbourhood_north(0.02)
    person_id = available(world, home_place_id=farther.pk, **changes)
    need_id = world.need(open_ended(half_day_bits=0b111, half_days_weekly=1))
    run()

    told = explain(actor=OPERATOR, person_id=person_id, need_id=need_id, on=TODAY)

    assert [line.verdict for line in told.lines] == [verdict]
    assert words in told.sentences[0]


def test_each_proposal_of_a_flexible_line_is_explained_with_its_half_day(world) -> None:
    person_id = available(world)
    need_id = world.need(open_ended(half_day_bits=0b11, half_days_weekly=2))
    run()

    told = explain(actor=OPERATOR, person_id=person_id, need_id=need_id, on=TODAY)

    assert [line.half_day for line in told.lines] == [0, 1]
    assert told.sentences[0].startswith("شنبه صبح: پیشنهاد شد")


def test_offers_of_a_flexible_line_stand_and_are_counted_in_the_next_run(world) -> None:
    first = available(world, consents=AGREED)
    need_id = world.need(open_ended(half_days_weekly=2))
    released = run()
    release_run(actor=OPERATOR, run_id=released.run_id, now=NOW)
    held = {(one.person_id, one.half_day) for one in Offer.objects.all()}
    available(world)

    built = build_problem(on=TODAY)
    again = run()

    assert held == set(proposed_of(released.run_id))
    assert len(held) == 2
    confirmed = zip(built.problem.f_volunteer, built.problem.f_line, strict=True)
    assert {
        (int(built.person_ids[row]), int(built.problem.l_slot[line])) for row, line in confirmed
    } == held
    assert again.proposed == 0
    assert {person for person, _half_day in held} == {first}
    assert NeedLine.objects.get(need_id=need_id).seats_weekly == 2


def test_a_no_to_a_flexible_need_is_a_no_to_all_its_half_days(world) -> None:
    available(world, consents=AGREED)
    world.need(open_ended(half_days_weekly=1))
    released = run()
    release_run(actor=OPERATOR, run_id=released.run_id, now=NOW)
    offer = Offer.objects.get()
    decline_offer(
        actor=world.actor(offer.person_id),
        offer_id=offer.public_id,
        reason=DeclineReason.UNSTATED,
        now=NOW,
    )

    assert run().proposed == 0
    assert build_problem(on=TODAY).problem.b_line.tolist() == list(range(HALF_DAY_COUNT))


def test_sessions_of_a_window_lie_in_it_and_the_assignment_ends_with_it(world) -> None:
    person_id = available(world, consents=AGREED)
    first, last = TODAY + 10 * DAY, TODAY + 24 * DAY
    line = window(first, last, half_day_bits=1 << SATURDAY_MORNING, half_days_weekly=1)
    world.need(line)
    # Saturday 5 December is the first of the window; a run in the week before it finds it.
    later = NOW + 8 * DAY
    outcome = run(now=later)
    release_run(actor=OPERATOR, run_id=outcome.run_id, now=later)
    offer = Offer.objects.get(status=OfferStatus.OPEN)

    assignment = accept_offer(
        actor=world.actor(person_id, at=later), offer_id=offer.public_id, now=later
    )

    assert Session.objects.get().happens_on == date(2026, 12, 5)
    assert assignment.ends_at.date() == last
    assert outcome.proposed == 1


def test_the_same_tables_give_the_same_arrays(world) -> None:
    for _ in range(3):
        available(world)
    world.need(open_ended(), NewLine(half_day=3, skill_bits=STORYTELLING))
    world.need(window(TUESDAY, THURSDAY), title="دومی")

    one, other = build_problem(on=TODAY).problem, build_problem(on=TODAY).problem

    for name in ("l_need", "l_slot", "l_group", "g_cap", "g_parent", "unit_value"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert all(a <= b for a, b in pairwise(one.l_need.tolist()))
    assert Intermediary.objects.filter(seats_weekly=one.g_cap[0]).exists()


def proposed_of(run_id: int | None) -> list[tuple[int, int]]:
    return list(Proposal.objects.filter(run_id=run_id).values_list("person_id", "half_day"))
