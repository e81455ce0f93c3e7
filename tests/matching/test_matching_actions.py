"""A run from tables to stored proposals."""

from __future__ import annotations

from itertools import count

import pytest

from salam.access.queries import actor_for
from salam.core.errors import PermissionRefused
from salam.core.models import Event
from salam.matching.actions import RunOutcome, run_matching
from salam.matching.enums import Reason, RunStatus
from salam.matching.models import Proposal, Run
from salam.needs.actions import NewLine
from salam.needs.enums import MinimumAge, RequiredGender, Urgency
from salam.organizations.enums import OrganizationStatus
from salam.organizations.models import Organization
from salam.people.actions import withdraw_consent
from salam.people.enums import ConsentPurpose, Gender, VettingTier
from salam.people.models import Skill
from tests.cast import NOW
from tests.matching.worlds import (
    COMPANION,
    OPERATOR,
    SATURDAY_AFTERNOON,
    SATURDAY_MORNING,
    STORYTELLING,
    SUNDAY_MORNING,
    World,
)

pytestmark = pytest.mark.django_db


def run(**changes) -> RunOutcome:
    seconds = count()
    arguments = {"actor": OPERATOR, "now": NOW, "stopwatch": lambda: float(next(seconds))}
    return run_matching(**(arguments | changes))


def proposed_people() -> set[int]:
    return set(Proposal.objects.values_list("person_id", flat=True))


def test_run_proposes_the_able_and_free_volunteer_and_stores_a_certified_run() -> None:
    world = World()
    able = world.volunteer()
    world.volunteer(skill_bits=COMPANION)
    world.volunteer(half_day_bits=1 << SUNDAY_MORNING)
    need_id = world.need()

    outcome = run()

    stored = Run.objects.get(pk=outcome.run_id)
    proposal = Proposal.objects.get(run=stored)
    assert (proposal.person_id, proposal.need_line.need_id, proposal.unit) == (able, need_id, 1)
    assert proposal.reason == Reason.ONLY_CANDIDATE
    assert proposal.candidate_count == 1
    assert stored.status == RunStatus.PROPOSED
    assert stored.value == stored.upper_bound == outcome.value > 0
    assert (stored.violation_count, stored.volunteer_count, stored.proposed_count) == (0, 3, 1)
    assert stored.parameters["weights"]["points_base"] == 100.0
    assert Event.objects.filter(kind="matching.run_proposed", subject_id=stored.pk).count() == 1


def test_run_proposes_nobody_without_consent_to_matching() -> None:
    world = World()
    world.volunteer(consents=frozenset())
    withdrawn = world.volunteer()
    withdraw_consent(actor=OPERATOR, person_id=withdrawn, purpose=ConsentPurpose.MATCHING, now=NOW)
    world.need()

    outcome = run()

    assert (outcome.volunteers, outcome.proposed) == (0, 0)


@pytest.mark.parametrize(
    ("line", "refused", "accepted"),
    [
        pytest.param(
            {"vetting_tier_min": VettingTier.UNSUPERVISED},
            {"vetting_tier": VettingTier.CONTACT},
            {"vetting_tier": VettingTier.PERSONAL_CARE},
            id="vetting",
        ),
        pytest.param(
            {"gender_required": RequiredGender.FEMALE, "gender_basis": "آیین‌نامهٔ شیرخوارگاه"},
            {"gender": Gender.MALE},
            {"gender": Gender.FEMALE},
            id="gender",
        ),
        pytest.param(
            {"age_min": MinimumAge.TWENTY_EIGHT},
            {"birth_date": NOW.date().replace(year=2000)},
            {"birth_date": NOW.date().replace(year=1998)},
            id="age on the birthday itself",
        ),
    ],
)
def test_run_keeps_conditions_of_the_line(line, refused, accepted) -> None:
    world = World()
    world.volunteer(**refused)
    accepted_id = world.volunteer(**accepted)
    world.need(NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING, headcount=2, **line))

    run()

    assert proposed_people() == {accepted_id}


def test_run_keeps_language_of_the_line() -> None:
    world = World()
    kurdish = 1 << Skill.objects.get(code="language_kurdish").bit
    arabic = 1 << Skill.objects.get(code="language_arabic").bit
    world.volunteer(skill_bits=STORYTELLING | arabic)
    speaks = world.volunteer(skill_bits=STORYTELLING | kurdish)
    world.need(
        NewLine(
            half_day=SATURDAY_MORNING,
            skill_bits=STORYTELLING,
            headcount=2,
            language_bits=kurdish,
        ),
    )

    run()

    assert proposed_people() == {speaks}


def test_run_keeps_radius_and_prefers_the_nearest() -> None:
    world = World()
    near_place = world.neighbourhood_north(0.01)
    near = world.volunteer(home_place_id=near_place.pk)
    world.volunteer(home_place_id=near_place.pk, radius_m=500)
    nearest = world.volunteer()
    world.need()

    run()

    proposal = Proposal.objects.get()
    assert proposal.person_id == nearest
    assert proposal.reason == Reason.NEAREST
    assert proposal.candidate_count == 2
    assert near != nearest


def test_run_keeps_weekly_cap_seats_and_urgency() -> None:
    world = World()
    tired = world.volunteer(weekly_half_days=1, half_day_bits=0b11)
    calm = world.need(urgency=Urgency.CAN_WAIT)
    urgent = world.need(
        NewLine(half_day=SATURDAY_AFTERNOON, skill_bits=STORYTELLING),
        urgency=Urgency.CRITICAL,
    )

    run()

    assert list(Proposal.objects.values_list("need_line__need_id", "person_id")) == [
        (urgent, tired)
    ]
    assert calm != urgent


def test_run_uses_no_seats_of_a_full_or_suspended_intermediary() -> None:
    world = World()
    for _ in range(3):
        world.volunteer()
    world.need(NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING, headcount=3))
    world.set_seats(2)

    with_two_seats = run().proposed
    Organization.objects.filter(pk=world.cast.offices.intermediary.pk).update(
        status=OrganizationStatus.SUSPENDED,
    )
    suspended = run().proposed

    assert (with_two_seats, suspended) == (2, 0)


def test_run_of_one_place_leaves_other_needs_alone() -> None:
    world = World()
    world.volunteer()
    here = world.need()
    world.volunteer(
        home_place_id=world.cast.places.elsewhere.pk,
        home_province_code=world.cast.places.elsewhere.province_code,
    )
    world.need(place=world.cast.places.elsewhere)

    outcome = run(place_code=world.cast.places.province.code)

    assert outcome.lines == 1
    assert set(Proposal.objects.values_list("need_line__need_id", flat=True)) == {here}


def test_run_without_anybody_or_anything_is_an_honest_empty_result() -> None:
    World()

    outcome = run()

    assert (outcome.volunteers, outcome.lines, outcome.proposed) == (0, 0, 0)
    assert outcome.value == outcome.upper_bound == 0


def test_dry_run_stores_nothing() -> None:
    world = World()
    world.volunteer()
    world.need()

    outcome = run(dry_run=True)

    assert (outcome.run_id, outcome.proposed) == (None, 1)
    assert not Run.objects.exists()


def test_same_tables_give_the_same_proposals() -> None:
    world = World()
    for _ in range(6):
        world.volunteer()
    world.need(NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING, headcount=3))

    plans = []
    for _ in range(2):
        outcome = run()
        rows = Proposal.objects.filter(run_id=outcome.run_id).order_by("unit")
        plans.append(list(rows.values_list("need_line_id", "person_id", "unit", "points")))

    assert plans[0] == plans[1]
    assert len(plans[0]) == 3


def test_run_that_breaks_off_stays_as_failed() -> None:
    world = World()
    world.volunteer()
    world.need()

    def stop_at_store(stage: str) -> None:
        if stage == "store":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(report=stop_at_store)

    assert Run.objects.get().status == RunStatus.FAILED
    assert not Proposal.objects.exists()


def test_run_is_refused_to_a_stranger_and_for_an_unknown_place() -> None:
    world = World()
    outsider = actor_for(person_id=world.cast.outsider.pk, at=NOW)

    with pytest.raises(PermissionRefused):
        run(actor=outsider)
    with pytest.raises(PermissionRefused):
        run(place_code="9999")

    assert not Run.objects.exists()


def test_building_the_problem_takes_a_fixed_number_of_queries(
    django_assert_max_num_queries,
) -> None:
    world = World()
    for _ in range(3):
        world.volunteer()
        world.need()

    with django_assert_max_num_queries(10):
        run(dry_run=True)
