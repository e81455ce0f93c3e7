"""Every verb against the whole cast, and how far a grant reaches."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from salam.access.enums import AGGREGATE_ROLES, STAFF_ROLES, Role
from salam.access.permissions import (
    INTERNAL_VERBS,
    ROLE_VERBS,
    GrantedActor,
    HeldRole,
    is_within,
    may_hold_together,
)
from salam.access.queries import Reach, actor_for, can, reach_of
from salam.core.actors import ConsoleOperator, Scope, Stranger
from salam.core.verbs import AGGREGATE_VERBS, Verb
from salam.organizations.enums import GroupKind
from tests.cast import NOW, Cast, make_cast, make_grant, make_group, make_person

# Who may do what. Columns: the cast. Cells: "h" here, "e" elsewhere, "b" both, "." nowhere.
# "Here" is one neighbourhood and the intermediary that serves it; "elsewhere" lies in another
# province and is served by the other intermediary.
COLUMNS = (
    "volunteer",
    "facilitator_here",
    "facilitator_elsewhere",
    "coordinator_above",
    "national",
    "officer",
    "other_officer",
    "centre_manager",
    "agency_reader",
    "outsider",
    "expired",
    "of_suspended_office",
)
TABLE = {
    #                           vol faH faE coo nat off ofE cen age out exp sus
    Verb.CONTACT_GRANT:        " .   .   .   .   .   .   .   .   .   .   .   . ",
    Verb.CONTACT_OPEN:         " .   .   .   .   .   h   e   .   .   .   .   . ",
    Verb.GRANT_GIVE:           " .   .   .   h   b   .   .   .   .   .   .   . ",
    Verb.JOB_RUN:              " .   .   .   .   b   .   .   .   .   .   .   . ",
    Verb.RUN_RELEASE:          " .   .   .   h   b   .   .   .   .   .   .   . ",
    Verb.RUN_START:            " .   .   .   h   b   .   .   .   .   .   .   . ",
    Verb.RUN_VIEW:             " .   .   .   h   b   .   .   .   .   .   .   . ",
    Verb.PROPOSAL_EXPLAIN:     " .   .   .   h   b   h   e   .   .   .   .   . ",
    Verb.MESSAGE_OPERATE:      " .   .   .   .   b   .   .   .   .   .   .   . ",
    Verb.NEED_CLOSE:           " .   h   e   h   b   .   .   .   .   .   .   . ",
    Verb.NEED_OPEN:            " .   h   e   h   b   .   .   .   .   .   .   . ",
    Verb.GROUP_EDIT:           " .   .   .   h   b   .   .   h   .   .   .   . ",
    Verb.ORGANIZATION_EDIT:    " .   .   .   h   b   h   e   .   .   .   .   . ",
    Verb.ORGANIZATION_SUSPEND: " .   .   .   h   b   .   .   .   .   .   .   . ",
    Verb.CREDENTIAL_RECORD:    " .   .   .   h   b   .   .   .   .   .   .   . ",
    Verb.FACILITATOR_EDIT:     " .   .   .   h   b   .   .   .   .   .   .   . ",
    Verb.PERSON_MERGE:         " .   .   .   h   b   .   .   .   .   .   .   . ",
    Verb.SKILL_EDIT:           " .   .   .   .   b   .   .   .   .   .   .   . ",
    Verb.VOLUNTEER_IMPORT:     " .   .   .   h   b   .   .   .   .   .   .   . ",
    Verb.VOLUNTEER_REGISTER:   " .   .   .   h   b   .   .   h   .   .   .   . ",
    Verb.PLACE_EDIT:           " .   .   .   h   b   .   .   .   .   .   .   . ",
    Verb.PLACE_IMPORT:         " .   .   .   .   b   .   .   .   .   .   .   . ",
    Verb.TARGET_LIST_EDIT:     " .   .   .   .   b   .   .   .   .   .   .   . ",
    Verb.FIGURE_LOAD:          " .   .   .   .   b   .   .   .   .   .   .   . ",
    Verb.AGGREGATE_VIEW:       " .   h   e   h   b   .   .   h   h   .   .   . ",
    Verb.ASSIGNMENT_END:       " .   .   .   h   b   h   e   .   .   .   .   . ",
    Verb.ASSIGNMENT_VIEW:      " .   .   .   .   .   h   e   .   .   .   .   . ",
    Verb.HOURS_CONFIRM:        " .   .   .   .   .   h   e   .   .   .   .   . ",
    Verb.HOURS_REVERSE:        " .   .   .   .   .   h   e   .   .   .   .   . ",
    Verb.OFFER_OPEN:           " .   .   .   h   b   .   .   .   .   .   .   . ",
    Verb.OFFER_WITHDRAW:       " .   .   .   h   b   h   e   .   .   .   .   . ",
    Verb.SESSION_PLAN:         " .   .   .   .   .   h   e   .   .   .   .   . ",
    Verb.BANK_OPEN:            " .   .   .   .   b   .   .   .   .   .   .   . ",
    Verb.TRANSFER_POST:        " .   .   .   .   .   h   e   .   .   .   .   . ",
    Verb.TRANSFER_REVERSE:     " .   .   .   .   .   h   e   .   .   .   .   . ",
}  # fmt: skip


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def test_table_has_a_row_for_every_verb() -> None:
    assert set(TABLE) == set(Verb)
    assert {len(row.split()) for row in TABLE.values()} == {len(COLUMNS)}


def test_every_verb_is_carried_by_a_role_or_internal() -> None:
    carried = frozenset[Verb]().union(*ROLE_VERBS.values())

    assert set(ROLE_VERBS) == set(Role)
    assert carried | INTERNAL_VERBS == set(Verb)
    assert not carried & INTERNAL_VERBS


def test_agencies_and_staff_carry_no_more_than_the_mission_allows() -> None:
    for role in AGGREGATE_ROLES:
        assert ROLE_VERBS[role] <= AGGREGATE_VERBS
    for role in STAFF_ROLES:
        assert Verb.CONTACT_OPEN not in ROLE_VERBS[role]


@pytest.mark.parametrize("verb", Verb)
def test_verb_over_the_cast(verb: Verb, cast: Cast) -> None:
    here = Scope(
        place_path=cast.places.here.path,
        organization_id=cast.offices.intermediary.pk,
    )
    elsewhere = Scope(
        place_path=cast.places.elsewhere.path,
        organization_id=cast.offices.other_intermediary.pk,
    )

    found = {}
    for name in COLUMNS:
        actor = actor_for(person_id=getattr(cast, name).pk, at=NOW)
        cell = (actor.can(verb, here), actor.can(verb, elsewhere))
        found[name] = {
            (False, False): ".",
            (True, False): "h",
            (False, True): "e",
            (True, True): "b",
        }[cell]

    assert found == dict(zip(COLUMNS, TABLE[verb].split(), strict=True))


def test_grant_reaches_below_and_not_above_or_beside(cast: Cast) -> None:
    coordinator = actor_for(person_id=cast.coordinator_above.pk, at=NOW)
    facilitator = actor_for(person_id=cast.facilitator_here.pk, at=NOW)

    assert coordinator.can(Verb.NEED_OPEN, Scope(place_path=cast.places.county.path))
    assert not coordinator.can(Verb.NEED_OPEN, Scope(place_path=cast.places.country.path))
    assert not coordinator.can(Verb.NEED_OPEN, Scope())
    assert not facilitator.can(Verb.NEED_OPEN, Scope(place_path=cast.places.city.path))
    # Its path is the neighbourhood's path with one more character, not one more label.
    assert not facilitator.can(Verb.NEED_OPEN, Scope(place_path=cast.places.next_door.path))


def test_paths_are_compared_by_labels() -> None:
    assert is_within(path="ir.23", above="ir.23")
    assert is_within(path="ir.23.2301", above="ir.23")
    assert not is_within(path="ir.23", above="ir.2")
    assert not is_within(path="ir", above="ir.2")
    assert not is_within(path="", above="ir")


def test_country_reaches_what_has_no_place(cast: Cast) -> None:
    national = actor_for(person_id=cast.national.pk, at=NOW)

    assert national.can(Verb.PERSON_MERGE, Scope(person_id=cast.volunteer.pk))
    assert national.can(Verb.SKILL_EDIT, Scope())


def test_organisation_grant_is_no_grant_over_its_place(cast: Cast) -> None:
    officer = actor_for(person_id=cast.officer.pk, at=NOW)

    assert officer.can(
        Verb.ORGANIZATION_EDIT,
        Scope(organization_id=cast.offices.intermediary.pk),
    )
    assert not officer.can(Verb.ORGANIZATION_EDIT, Scope(place_path=cast.places.city.path))
    assert not officer.can(Verb.ORGANIZATION_EDIT, Scope())


def test_group_leader_edits_the_own_group_only(cast: Cast) -> None:
    group = make_group(cast.places.here, GroupKind.MANA).organization
    other = make_group(cast.places.here, GroupKind.MANA, "گروه دیگر").organization
    leader = make_person()
    make_grant(leader, Role.GROUP_LEADER, group)

    actor = actor_for(person_id=leader.pk, at=NOW)

    assert actor.can(Verb.GROUP_EDIT, Scope(organization_id=group.pk))
    assert not actor.can(
        Verb.GROUP_EDIT,
        Scope(organization_id=other.pk, place_path=cast.places.here.path),
    )


def test_roles_that_shut_each_other_off() -> None:
    assert not may_hold_together(roles={Role.AGENCY_READER, Role.FACILITATOR})
    assert not may_hold_together(roles={Role.INTERMEDIARY_OFFICER, Role.NATIONAL_HQ})
    assert may_hold_together(roles={Role.FACILITATOR, Role.CENTRE_MANAGER, Role.GROUP_LEADER})
    assert may_hold_together(roles={Role.INTERMEDIARY_OFFICER, Role.GROUP_LEADER})
    assert may_hold_together(roles=set(AGGREGATE_ROLES))


def test_agency_role_shuts_off_everything_but_counts() -> None:
    actor = GrantedActor(
        person_id=1,
        held=(
            HeldRole(role=Role.AGENCY_READER, place_path="ir"),
            HeldRole(role=Role.NATIONAL_HQ, place_path="ir"),
        ),
    )

    assert {verb for verb in Verb if actor.can(verb, Scope())} == AGGREGATE_VERBS


def test_staff_who_are_also_officers_reveal_nobody() -> None:
    officer = HeldRole(role=Role.INTERMEDIARY_OFFICER, organization_id=7)
    facilitator = HeldRole(role=Role.FACILITATOR, place_path="ir.23")
    scope = Scope(organization_id=7)

    assert GrantedActor(person_id=1, held=(officer,)).can(Verb.CONTACT_OPEN, scope)
    both = GrantedActor(person_id=1, held=(officer, facilitator))
    assert not both.can(Verb.CONTACT_OPEN, scope)
    assert both.can(Verb.ORGANIZATION_EDIT, scope)


def test_grant_lives_from_its_first_instant_until_before_its_last(cast: Cast) -> None:
    scope = Scope(place_path=cast.places.here.path)
    person = make_person()
    instant = timedelta(microseconds=1)
    make_grant(
        person,
        Role.FACILITATOR,
        cast.offices.centre,
        cast.places.here,
        valid_from=NOW,
        valid_until=NOW + timedelta(hours=1),
    )

    live = [
        actor_for(person_id=person.pk, at=at).can(Verb.NEED_OPEN, scope)
        for at in (
            NOW - instant,
            NOW,
            NOW + timedelta(hours=1) - instant,
            NOW + timedelta(hours=1),
        )
    ]

    assert live == [False, True, True, False]


def test_merged_record_acts_as_the_person_it_lives_on_in(cast: Cast) -> None:
    kept = make_person()
    make_grant(kept, Role.FACILITATOR, cast.offices.centre, cast.places.here)
    duplicate = make_person(merged_into=kept)
    make_grant(
        duplicate, Role.GROUP_LEADER, make_group(cast.places.here, GroupKind.CBR).organization
    )

    as_kept = actor_for(person_id=kept.pk, at=NOW)
    as_duplicate = actor_for(person_id=duplicate.pk, at=NOW)

    assert as_duplicate == as_kept
    assert as_duplicate.person_id == kept.pk
    assert [held.role for held in as_kept.held] == [Role.FACILITATOR, Role.GROUP_LEADER]


def test_forgotten_and_unknown_people_are_nobody(cast: Cast) -> None:
    cast.national.forgotten_at = NOW
    cast.national.save()

    assert actor_for(person_id=cast.national.pk, at=NOW) == GrantedActor(person_id=None)
    assert actor_for(person_id=0, at=NOW) == GrantedActor(person_id=None)


def test_actor_is_read_in_one_query(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_grant(cast.facilitator_here, Role.CENTRE_MANAGER, cast.offices.centre, cast.places.here)

    for person in (cast.outsider, cast.officer, cast.facilitator_here):
        with django_assert_num_queries(1):
            actor_for(person_id=person.pk, at=NOW)


def test_reach_says_where_a_list_may_look(cast: Cast) -> None:
    national = actor_for(person_id=cast.national.pk, at=NOW)
    facilitator = actor_for(person_id=cast.facilitator_here.pk, at=NOW)
    officer = actor_for(person_id=cast.officer.pk, at=NOW)

    assert reach_of(actor=national, verb=Verb.NEED_OPEN).is_everywhere
    assert reach_of(actor=ConsoleOperator(), verb=Verb.CONTACT_OPEN).is_everywhere
    assert reach_of(actor=facilitator, verb=Verb.NEED_OPEN).place_paths == (cast.places.here.path,)
    assert reach_of(actor=officer, verb=Verb.PROPOSAL_EXPLAIN).organization_ids == (
        cast.offices.intermediary.pk,
    )
    nowhere = reach_of(actor=facilitator, verb=Verb.CONTACT_OPEN)
    assert nowhere == reach_of(actor=Stranger(), verb=Verb.NEED_OPEN)
    assert nowhere == Reach()


def test_the_single_question(cast: Cast) -> None:
    scope = Scope(place_path=cast.places.here.path)

    assert can(actor=ConsoleOperator(), verb=Verb.NEED_OPEN, scope=scope)
    assert not can(actor=Stranger(), verb=Verb.NEED_OPEN, scope=scope)
