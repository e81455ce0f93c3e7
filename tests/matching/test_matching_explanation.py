"""Why this person, or why not: every verdict, in words that name nobody else."""

from __future__ import annotations

import pytest

from salam.access.queries import actor_for
from salam.core.errors import PermissionRefused
from salam.engine import Kind
from salam.matching.queries import explain
from salam.matching.queries.verdicts import Verdict
from salam.needs.actions import NewLine
from salam.people.models import Person, Skill, VolunteerProfile
from salam.people.queries import MatchableObstacle
from tests.cast import DAY, NOW
from tests.matching.test_matching_actions import run
from tests.matching.worlds import (
    COMPANION,
    OPERATOR,
    SATURDAY_AFTERNOON,
    SATURDAY_MORNING,
    STORYTELLING,
    SUNDAY_MORNING,
    VETTED,
    World,
)

pytestmark = pytest.mark.django_db


def verdicts(person_id: int, need_id: int) -> list[Verdict]:
    explanation = explain(actor=OPERATOR, person_id=person_id, need_id=need_id, on=NOW.date())
    assert explanation.obstacle is None
    return [line.verdict for line in explanation.lines]


def sentence(person_id: int, need_id: int) -> str:
    explanation = explain(actor=OPERATOR, person_id=person_id, need_id=need_id, on=NOW.date())
    return " ".join(explanation.sentences)


def test_explanation_says_why_somebody_was_proposed() -> None:
    world = World()
    person_id = world.volunteer()
    need_id = world.need()
    run()

    assert verdicts(person_id, need_id) == [Verdict.PROPOSED]
    assert "شنبه صبح: پیشنهاد شد؛ تنها کسی که همهٔ شرط‌ها را دارد" in sentence(person_id, need_id)


@pytest.mark.parametrize(
    ("changes", "line", "verdict", "words"),
    [
        ({"half_day_bits": 1 << SUNDAY_MORNING}, {}, Verdict.NOT_FREE, "آزاد نیست"),
        ({"skill_bits": COMPANION}, {}, Verdict.NO_SKILL, "مهارت"),
        ({}, {"vetting_tier_min": VETTED}, Verdict.CONDITION, "تأیید صلاحیت برای خدمت بدون همراه"),
    ],
)
def test_explanation_names_the_first_failing_rule(changes, line, verdict, words) -> None:
    world = World()
    person_id = world.volunteer(**changes)
    need_id = world.need(NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING, **line))
    run()

    assert verdicts(person_id, need_id) == [verdict]
    assert words in sentence(person_id, need_id)


def test_explanation_says_how_far_beyond_the_radius() -> None:
    world = World()
    far = world.neighbourhood_north(0.1)
    person_id = world.volunteer(home_place_id=far.pk, radius_m=5_000)
    need_id = world.need()

    # 0.1 degree of latitude is 11.1 km: 6.1 beyond the radius.
    assert verdicts(person_id, need_id) == [Verdict.TOO_FAR]
    assert "۶٫۱ کیلومتر بیرون از شعاع" in sentence(person_id, need_id)


def test_explanation_before_any_run_says_so() -> None:
    world = World()
    person_id = world.volunteer()
    need_id = world.need()

    assert verdicts(person_id, need_id) == [Verdict.NO_RUN]
    assert "از زمان ثبت این نیاز هنوز اجرایی انجام نشده است" in sentence(person_id, need_id)


def test_explanation_is_against_a_run_that_looked_at_the_need() -> None:
    world = World()
    person_id = world.volunteer()
    run(now=NOW - DAY)
    need_id = world.need()
    run(place_code=world.cast.places.other_province.code)
    assert verdicts(person_id, need_id) == [Verdict.NO_RUN]

    looked = run(place_code=world.cast.places.city.code)
    run(place_code=world.cast.places.other_province.code)

    explanation = explain(actor=OPERATOR, person_id=person_id, need_id=need_id, on=NOW.date())
    assert explanation.run_id == looked.run_id
    assert [line.verdict for line in explanation.lines] == [Verdict.PROPOSED]


def test_explanation_knows_what_other_live_runs_hold() -> None:
    world = World()
    person_id = world.volunteer()
    world.need(place=world.cast.places.next_door)
    run()
    need_id = world.need()
    run(place_code=world.here.code)

    assert verdicts(person_id, need_id) == [Verdict.HALF_DAY_TAKEN]


@pytest.mark.parametrize(
    ("others", "words", "unsaid"),
    [
        (0, "تنها کسی که همهٔ شرط‌ها را دارد", "نفر واجد شرط"),
        (3, "؛ چند نفر واجد شرط بودند.", "۴ نفر"),
        (4, "؛ ۵ نفر واجد شرط بودند.", "چند نفر"),
    ],
)
def test_explanation_does_not_tell_small_counts(others, words, unsaid) -> None:
    world = World()
    person_id = world.volunteer()
    farther_place = world.neighbourhood_north(0.02)
    for _ in range(others):
        world.volunteer(home_place_id=farther_place.pk)
    need_id = world.need()
    run()

    found = sentence(person_id, need_id)

    assert words in found
    assert unsaid not in found


def test_explanation_counts_no_speakers_of_a_language() -> None:
    world = World()
    kurdish = 1 << Skill.objects.get(code="language_kurdish").bit
    person_id = world.volunteer(skill_bits=STORYTELLING | kurdish)
    need_id = world.need(
        NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING, language_bits=kurdish),
    )
    run()

    found = sentence(person_id, need_id)

    assert "پیشنهاد شد" in found
    assert "نفر" not in found


def test_explanation_of_a_full_line_a_taken_half_day_a_full_week_and_full_seats() -> None:
    world = World()
    nearest = world.volunteer()
    farther_place = world.neighbourhood_north(0.02)
    farther = world.volunteer(home_place_id=farther_place.pk)
    need_id = world.need()
    run()
    assert verdicts(nearest, need_id) == [Verdict.PROPOSED]
    assert verdicts(farther, need_id) == [Verdict.LINE_FULL]

    second_need = world.need()
    run()
    taken = {verdicts(nearest, need_id)[0], verdicts(nearest, second_need)[0]}
    assert taken == {Verdict.PROPOSED, Verdict.HALF_DAY_TAKEN}


def test_explanation_of_a_full_week() -> None:
    world = World()
    person_id = world.volunteer(weekly_half_days=1, half_day_bits=0b11)
    need_id = world.need(
        NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING),
        NewLine(half_day=SATURDAY_AFTERNOON, skill_bits=STORYTELLING),
    )
    run()

    assert sorted(verdicts(person_id, need_id)) == [Verdict.PROPOSED, Verdict.WEEK_FULL]


def test_explanation_of_full_seats() -> None:
    world = World()
    people = [world.volunteer(), world.volunteer()]
    need_id = world.need(
        NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING, headcount=2),
    )
    world.set_seats(1)
    run()

    found = sorted(verdicts(person_id, need_id)[0] for person_id in people)
    assert found == [Verdict.PROPOSED, Verdict.SEATS_FULL]


def test_explanation_of_somebody_who_is_not_matched_at_all() -> None:
    world = World()
    invited = world.volunteer(consents=frozenset())
    need_id = world.need()

    explanation = explain(actor=OPERATOR, person_id=invited, need_id=need_id, on=NOW.date())

    assert explanation.obstacle is MatchableObstacle.NOT_ACTIVE
    assert explanation.sentences == [MatchableObstacle.NOT_ACTIVE.label]


def test_explanation_is_for_those_who_may_ask_only() -> None:
    world = World()
    person_id = world.volunteer()
    need_id = world.need()
    outsider = actor_for(person_id=world.cast.outsider.pk, at=NOW)

    with pytest.raises(PermissionRefused):
        explain(actor=outsider, person_id=person_id, need_id=need_id, on=NOW.date())
    with pytest.raises(PermissionRefused):
        explain(actor=OPERATOR, person_id=person_id, need_id=999_999, on=NOW.date())


def test_explanation_to_an_intermediary_is_of_people_proposed_to_it_only() -> None:
    world = World()
    proposed = world.volunteer()
    farther_place = world.neighbourhood_north(0.02)
    stranger = world.volunteer(home_place_id=farther_place.pk)
    need_id = world.need()
    run()
    officer = actor_for(person_id=world.cast.officer.pk, at=NOW)

    explanation = explain(actor=officer, person_id=proposed, need_id=need_id, on=NOW.date())

    assert [line.verdict for line in explanation.lines] == [Verdict.PROPOSED]
    for person_id in (stranger, 999_999):
        with pytest.raises(PermissionRefused):
            explain(actor=officer, person_id=person_id, need_id=need_id, on=NOW.date())


def test_explanation_to_headquarters_is_of_people_of_its_places() -> None:
    world = World()
    neighbour = world.volunteer(skill_bits=COMPANION)
    stranger = world.volunteer(
        skill_bits=COMPANION,
        home_place_id=world.cast.places.elsewhere.pk,
        home_province_code=world.cast.places.elsewhere.province_code,
    )
    need_id = world.need()
    coordinator = actor_for(person_id=world.cast.coordinator_above.pk, at=NOW)
    national = actor_for(person_id=world.cast.national.pk, at=NOW)

    for actor, person_id in ((coordinator, neighbour), (national, stranger)):
        told = explain(actor=actor, person_id=person_id, need_id=need_id, on=NOW.date())
        assert [line.verdict for line in told.lines] == [Verdict.NO_SKILL]
    with pytest.raises(PermissionRefused):
        explain(actor=coordinator, person_id=stranger, need_id=need_id, on=NOW.date())


def told_to_change(person_id: int, need_id: int) -> tuple[list[list[Kind]], str]:
    """The changes of the first line, by kind, and the sentence they are told in."""
    explanation = explain(actor=OPERATOR, person_id=person_id, need_id=need_id, on=NOW.date())
    worth = explanation.lines[0].worth
    assert worth is not None
    kinds = [[change.kind for change in remedy.changes] for remedy in worth.remedies]
    return kinds, explanation.sentences[0]


def proposed(person_id: int, need_id: int) -> bool:
    return Verdict.PROPOSED in verdicts(person_id, need_id)


def test_a_wider_radius_is_told_and_turns_the_answer_round() -> None:
    world = World()
    far = world.neighbourhood_north(0.1)
    person_id = world.volunteer(home_place_id=far.pk, radius_m=5_000)
    need_id = world.need()
    run()

    kinds, told = told_to_change(person_id, need_id)
    assert kinds == [[Kind.RADIUS]]
    assert "اگر شعاع رفت‌وآمدش ۶٫۲ کیلومتر بیشتر بود، برای این نیاز پیشنهاد می‌شد." in told

    VolunteerProfile.objects.filter(person_id=person_id).update(radius_m=5_000 + 6_200)
    run()
    assert proposed(person_id, need_id)


def test_a_free_half_day_is_told_and_turns_the_answer_round() -> None:
    world = World()
    person_id = world.volunteer(half_day_bits=1 << SUNDAY_MORNING)
    need_id = world.need()
    run()

    kinds, told = told_to_change(person_id, need_id)
    assert kinds == [[Kind.HALF_DAY_FREE]]
    assert "اگر شنبه صبح آزاد بود، برای این نیاز پیشنهاد می‌شد." in told

    VolunteerProfile.objects.filter(person_id=person_id).update(half_day_bits=0b101)
    run()
    assert proposed(person_id, need_id)


def test_a_skill_is_told_and_turns_the_answer_round() -> None:
    world = World()
    person_id = world.volunteer(skill_bits=COMPANION)
    need_id = world.need()
    run()

    kinds, told = told_to_change(person_id, need_id)
    assert kinds == [[Kind.SKILL]]
    assert f"اگر مهارت «{Skill.objects.get(bit=1).name_fa}» را ثبت کرده بود" in told

    VolunteerProfile.objects.filter(person_id=person_id).update(skill_bits=STORYTELLING)
    run()
    assert proposed(person_id, need_id)


def test_vetting_is_told_by_its_level_and_nobody_is_told_to_be_older_or_another_gender() -> None:
    world = World()
    person_id = world.volunteer()
    vetted = world.need(
        NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING, vetting_tier_min=VETTED)
    )
    older = world.need(NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING, age_min=28))
    VolunteerProfile.objects.filter(person_id=person_id).update(half_day_bits=1)
    Person.objects.filter(pk=person_id).update(birth_date=NOW.date() - 20 * 365 * DAY)
    run()

    kinds, told = told_to_change(person_id, vetted)
    assert kinds == [[Kind.ATTRIBUTES]]
    assert "اگر تأیید صلاحیت برای خدمت بدون همراه را داشت" in told
    assert told_to_change(person_id, older)[0] == []


def test_one_more_seat_is_told_and_turns_the_answer_round() -> None:
    world = World()
    people = [world.volunteer(), world.volunteer()]
    need_id = world.need(
        NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING, headcount=2),
    )
    world.set_seats(1)
    run()
    waiting = next(one for one in people if not proposed(one, need_id))

    kinds, told = told_to_change(waiting, need_id)
    assert kinds == [[Kind.SEAT]]
    assert "اگر مؤسسهٔ واسط این نیاز یک جای دیگر داشت" in told

    world.set_seats(2)
    run()
    assert all(proposed(one, need_id) for one in people)


def test_one_more_half_day_is_told_to_whom_the_week_is_full() -> None:
    world = World()
    person_id = world.volunteer(weekly_half_days=1, half_day_bits=0b11)
    first = world.need()
    second = world.need(NewLine(half_day=SATURDAY_AFTERNOON, skill_bits=STORYTELLING))
    run()
    left = next(one for one in (first, second) if not proposed(person_id, one))

    kinds, told = told_to_change(person_id, left)
    assert kinds == [[Kind.WEEKLY_HALF_DAY]]
    assert "اگر یک نیم‌روز دیگر در هفته وقت داشت" in told

    VolunteerProfile.objects.filter(person_id=person_id).update(weekly_half_days=2)
    run()
    assert proposed(person_id, first)
    assert proposed(person_id, second)


def test_nothing_is_promised_to_somebody_whom_no_change_would_help() -> None:
    world = World()
    world.volunteer()
    farther_place = world.neighbourhood_north(0.02)
    farther = world.volunteer(home_place_id=farther_place.pk, radius_m=1_000)
    need_id = world.need()
    run()

    kinds, told = told_to_change(farther, need_id)
    assert kinds == []
    assert "اگر" not in told


def test_a_proposal_says_what_the_plan_would_lose_and_a_change_since_the_run_is_told() -> None:
    world = World()
    person_id = world.volunteer()
    need_id = world.need()
    late = world.need(NewLine(half_day=SUNDAY_MORNING, skill_bits=STORYTELLING))
    run()

    assert "بدون او ارزش چینش" in sentence(person_id, need_id)
    VolunteerProfile.objects.filter(person_id=person_id).update(half_day_bits=0b101)
    assert "اجرای تازه او را پیشنهاد می‌کند" in sentence(person_id, late)
