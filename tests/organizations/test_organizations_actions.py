"""Entering, renaming, stopping organisations; members of groups."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import connection, transaction

from salam.access.enums import Role
from salam.access.permissions import GrantedActor
from salam.access.queries import actor_for
from salam.core.actors import ConsoleOperator
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.models import Event
from salam.organizations.actions import (
    AlreadyMember,
    GroupFull,
    NewIntermediary,
    OrganizationClosed,
    add_member,
    create_group,
    create_intermediaries,
    create_intermediary,
    create_organization,
    end_membership,
    forget,
    rename,
    set_status,
)
from salam.organizations.enums import (
    MEMBER_LIMITS,
    GroupKind,
    MemberLimits,
    OrganizationKind,
    OrganizationStatus,
    Theme,
)
from salam.organizations.models import CommunityGroup, Intermediary, Membership, Organization
from salam.organizations.queries import group_standing, memberships_held
from salam.people.enums import ConsentPurpose, RegistrationChannel
from salam.people.models import Consent, Person
from tests.cast import DAY, NOW, Cast, make_cast, make_grant, make_group, make_person

TODAY = date(2026, 11, 22)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def acting(person: Person) -> GrantedActor:
    return actor_for(person_id=person.pk, at=NOW)


def test_coordinator_enters_a_centre(cast: Cast) -> None:
    centre = create_organization(
        actor=acting(cast.coordinator_above),
        kind=OrganizationKind.CENTRE,
        name=" مركز  مهربانی‌ها ",
        place_id=cast.places.here.pk,
        theme=Theme.REHABILITATION,
        now=NOW,
    )

    centre.refresh_from_db()
    assert (centre.name, centre.name_folded) == ("مرکز مهربانی‌ها", "مرکز مهربانی ها")
    assert (centre.province_code, centre.status) == ("23", OrganizationStatus.ACTIVE)
    assert centre.sort_key
    event = Event.objects.get(kind="organizations.organization_created")
    assert (event.subject_id, event.actor_id) == (centre.pk, cast.coordinator_above.pk)


def test_nobody_else_enters_organisations_here(cast: Cast) -> None:
    for person in (cast.facilitator_here, cast.officer, cast.centre_manager, cast.outsider):
        with pytest.raises(PermissionRefused):
            create_organization(
                actor=acting(person),
                kind=OrganizationKind.HUB,
                name="کانون",
                place_id=cast.places.here.pk,
                now=NOW,
            )


@pytest.mark.parametrize("kind", [OrganizationKind.INTERMEDIARY, OrganizationKind.GROUP])
def test_kinds_with_facts_of_their_own_have_their_own_door(
    cast: Cast,
    kind: OrganizationKind,
) -> None:
    with pytest.raises(InvalidInput, match="صفحهٔ خودشان"):
        create_organization(
            actor=acting(cast.national),
            kind=kind,
            name="نام",
            place_id=cast.places.here.pk,
            now=NOW,
        )


@pytest.mark.parametrize("name", ["", "  ", "نام <b>", "ن" * 161])
def test_bad_names_are_refused(cast: Cast, name: str) -> None:
    with pytest.raises(InvalidInput, match="نام"):
        create_organization(
            actor=acting(cast.national),
            kind=OrganizationKind.HUB,
            name=name,
            place_id=cast.places.here.pk,
            now=NOW,
        )


def test_unknown_place_looks_like_a_forbidden_one(cast: Cast) -> None:
    with pytest.raises(PermissionRefused):
        create_group(
            actor=acting(cast.national), kind=GroupKind.CBR, name="گروه", place_id=0, now=NOW
        )


def test_intermediary_has_seats(cast: Cast) -> None:
    intermediary = create_intermediary(
        actor=acting(cast.coordinator_above),
        name="مؤسسهٔ نیکان",
        place_id=cast.places.city.pk,
        seats_weekly=35,
        now=NOW,
    )

    assert intermediary.organization.kind == OrganizationKind.INTERMEDIARY
    assert intermediary.seats_weekly == 35
    for seats in (-1, 10_001):
        with pytest.raises(InvalidInput, match="ظرفیت"):
            create_intermediary(
                actor=acting(cast.coordinator_above),
                name="مؤسسهٔ نیکان",
                place_id=cast.places.city.pk,
                seats_weekly=seats,
                now=NOW,
            )


def test_many_intermediaries_keep_their_order(cast: Cast) -> None:
    rows = [
        NewIntermediary(name=f"مؤسسهٔ {number}", place_id=place.pk, seats_weekly=number)
        for number, place in enumerate([cast.places.city, cast.places.elsewhere, cast.places.city])
    ]

    created = create_intermediaries(
        actor=ConsoleOperator(), intermediaries=rows, now=NOW, is_generated=True
    )

    stored = Intermediary.objects.select_related("organization__place")
    read = {row.pk: row for row in stored.filter(pk__in=[key.intermediary_id for key in created])}
    assert [read[key.intermediary_id].organization_id for key in created] == [
        key.organization_id for key in created
    ]
    organizations = [read[key.intermediary_id].organization for key in created]
    assert [(o.name, o.province_code, o.is_generated) for o in organizations] == [
        ("مؤسسهٔ 0", "23", True),
        ("مؤسسهٔ 1", "2", True),
        ("مؤسسهٔ 2", "23", True),
    ]
    assert [read[key.intermediary_id].seats_weekly for key in created] == [0, 1, 2]
    events = Event.objects.filter(kind="organizations.organization_created")
    assert set(events.values_list("subject_id", flat=True)) == {
        key.organization_id for key in created
    }


def test_many_intermediaries_are_all_or_none(cast: Cast) -> None:
    good = NewIntermediary(name="خوب", place_id=cast.places.city.pk, seats_weekly=1)
    before = Organization.objects.count()

    for bad, error in (
        (NewIntermediary(name="", place_id=cast.places.city.pk, seats_weekly=1), InvalidInput),
        (
            NewIntermediary(name="دور", place_id=cast.places.elsewhere.pk, seats_weekly=1),
            PermissionRefused,
        ),
        (NewIntermediary(name="هیچ‌جا", place_id=0, seats_weekly=1), PermissionRefused),
    ):
        with pytest.raises(error):
            create_intermediaries(
                actor=acting(cast.coordinator_above), intermediaries=[good, bad], now=NOW
            )

    assert Organization.objects.count() == before
    assert create_intermediaries(actor=ConsoleOperator(), intermediaries=[], now=NOW) == []


def test_officer_renames_the_own_institution_only(cast: Cast) -> None:
    renamed = rename(
        actor=acting(cast.officer),
        organization_id=cast.offices.intermediary.pk,
        name="مؤسسهٔ مهر نو",
    )

    assert (renamed.name, renamed.name_folded) == ("مؤسسهٔ مهر نو", "موسسه مهر نو")
    assert Event.objects.filter(kind="organizations.organization_renamed").count() == 1
    rename(
        actor=acting(cast.officer),
        organization_id=cast.offices.intermediary.pk,
        name="مؤسسهٔ  مهر نو ",
    )
    assert Event.objects.filter(kind="organizations.organization_renamed").count() == 1
    for organization_id in (cast.offices.other_intermediary.pk, cast.offices.centre.pk, 0):
        with pytest.raises(PermissionRefused):
            rename(actor=acting(cast.officer), organization_id=organization_id, name="نو")


def test_group_is_renamed_by_its_leader_and_its_centre(cast: Cast) -> None:
    group = make_group(cast.places.here, GroupKind.CBR).organization
    leader = make_person()
    make_grant(leader, Role.GROUP_LEADER, group)

    for person, name in ((leader, "نام نخست"), (cast.centre_manager, "نام دوم")):
        assert rename(actor=acting(person), organization_id=group.pk, name=name).name == name
    with pytest.raises(PermissionRefused):
        rename(actor=acting(cast.officer), organization_id=group.pk, name="نام سوم")


def test_status_is_set_by_those_above_and_a_closed_one_stays_closed(cast: Cast) -> None:
    organization_id = cast.offices.intermediary.pk

    with pytest.raises(PermissionRefused):
        set_status(
            actor=acting(cast.officer),
            organization_id=organization_id,
            status=OrganizationStatus.CLOSED,
            now=NOW,
        )
    for status in (
        OrganizationStatus.SUSPENDED,
        OrganizationStatus.SUSPENDED,
        OrganizationStatus.ACTIVE,
        OrganizationStatus.CLOSED,
    ):
        set_status(
            actor=acting(cast.coordinator_above),
            organization_id=organization_id,
            status=status,
            now=NOW,
        )
    with pytest.raises(OrganizationClosed):
        set_status(
            actor=acting(cast.national),
            organization_id=organization_id,
            status=OrganizationStatus.ACTIVE,
            now=NOW,
        )

    events = Event.objects.filter(kind="organizations.status_set").order_by("id")
    assert [event.payload["after"] for event in events] == ["suspended", "active", "closed"]


def test_limits_are_those_published() -> None:
    assert set(MEMBER_LIMITS) == set(GroupKind)
    assert {kind: limits for kind, limits in MEMBER_LIMITS.items() if limits != MemberLimits()} == {
        GroupKind.HEALTH_AIDES: MemberLimits(10, 15),
        GroupKind.MICROFINANCE: MemberLimits(12, 15),
    }


def _fill(group: CommunityGroup, count: int) -> None:
    Membership.objects.bulk_create(
        Membership(organization=group.organization, person=make_person(), joined_on=TODAY)
        for _ in range(count)
    )


def test_group_grows_to_its_maximum_and_shows_who_is_missing(cast: Cast) -> None:
    manager = acting(cast.centre_manager)
    group = create_group(
        actor=manager,
        kind=GroupKind.MICROFINANCE,
        name="صندوق نارنج",
        place_id=cast.places.here.pk,
        now=NOW,
    )
    membership = add_member(
        actor=manager,
        organization_id=group.organization_id,
        person_id=cast.volunteer.pk,
        now=NOW,
    )
    standing = group_standing(organization_id=group.organization_id)
    assert (standing.member_count, standing.missing_count, standing.is_full) == (1, 11, False)
    assert membership.joined_on == TODAY

    _fill(group, 14)

    standing = group_standing(organization_id=group.organization_id)
    assert (standing.member_count, standing.missing_count, standing.is_full) == (15, 0, True)
    with pytest.raises(GroupFull, match="۱۵"):
        add_member(
            actor=manager,
            organization_id=group.organization_id,
            person_id=make_person().pk,
            now=NOW,
        )
    end_membership(
        actor=manager,
        organization_id=group.organization_id,
        person_id=cast.volunteer.pk,
        now=NOW,
    )
    add_member(
        actor=manager, organization_id=group.organization_id, person_id=make_person().pk, now=NOW
    )


def test_group_without_published_limits_takes_everyone(cast: Cast) -> None:
    group = make_group(cast.places.here, GroupKind.KHATAM)
    _fill(group, 40)

    add_member(
        actor=acting(cast.centre_manager),
        organization_id=group.organization_id,
        person_id=cast.volunteer.pk,
        now=NOW,
    )

    standing = group_standing(organization_id=group.organization_id)
    assert (standing.member_count, standing.missing_count, standing.is_full) == (41, 0, False)


def test_one_person_is_a_member_once_under_whichever_record(cast: Cast) -> None:
    group = make_group(cast.places.here, GroupKind.CBR)
    kept = make_person()
    duplicate = make_person(merged_into=kept)
    manager = acting(cast.centre_manager)

    membership = add_member(
        actor=manager, organization_id=group.organization_id, person_id=duplicate.pk, now=NOW
    )

    assert membership.person_id == kept.pk
    for person in (kept, duplicate):
        with pytest.raises(AlreadyMember):
            add_member(
                actor=manager, organization_id=group.organization_id, person_id=person.pk, now=NOW
            )


def test_membership_needs_the_right_a_group_and_a_person(cast: Cast) -> None:
    group = make_group(cast.places.here, GroupKind.CBR).organization
    stopped = make_group(cast.places.here, GroupKind.CBR, "بسته").organization
    Organization.objects.filter(pk=stopped.pk).update(status=OrganizationStatus.SUSPENDED)
    manager = acting(cast.centre_manager)
    forgotten = make_person()
    Person.objects.filter(pk=forgotten.pk).update(forgotten_at=NOW)

    for actor, organization_id, person_id in (
        (acting(cast.facilitator_here), group.pk, cast.volunteer.pk),
        (acting(cast.volunteer), group.pk, cast.volunteer.pk),
        (manager, cast.offices.centre.pk, cast.volunteer.pk),
        (manager, 0, cast.volunteer.pk),
        (manager, group.pk, 0),
        (manager, group.pk, forgotten.pk),
    ):
        with pytest.raises(PermissionRefused):
            add_member(actor=actor, organization_id=organization_id, person_id=person_id, now=NOW)
    with pytest.raises(InvalidInput, match="فعال نیست"):
        add_member(actor=manager, organization_id=stopped.pk, person_id=cast.volunteer.pk, now=NOW)


def test_minor_joins_with_a_guardians_consent(cast: Cast) -> None:
    group = make_group(cast.places.here, GroupKind.MANA).organization
    Person.objects.filter(pk=cast.volunteer.pk).update(birth_date=date(2010, 5, 1))

    def join() -> Membership:
        return add_member(
            actor=acting(cast.centre_manager),
            organization_id=group.pk,
            person_id=cast.volunteer.pk,
            now=NOW,
        )

    with pytest.raises(InvalidInput, match="سرپرست"):
        join()
    Consent.objects.create(
        person=cast.volunteer,
        purpose=ConsentPurpose.GUARDIAN,
        text_version="1",
        channel=RegistrationChannel.CLERK,
        given_at=NOW,
    )
    assert join().person_id == cast.volunteer.pk


def test_people_leave_by_themselves(cast: Cast) -> None:
    group = make_group(cast.places.here, GroupKind.CBR).organization
    add_member(
        actor=acting(cast.centre_manager),
        organization_id=group.pk,
        person_id=cast.volunteer.pk,
        now=NOW,
    )

    with pytest.raises(PermissionRefused):
        end_membership(
            actor=acting(cast.outsider),
            organization_id=group.pk,
            person_id=cast.volunteer.pk,
            now=NOW,
        )
    ended = end_membership(
        actor=acting(cast.volunteer),
        organization_id=group.pk,
        person_id=cast.volunteer.pk,
        now=NOW + DAY,
    )

    assert ended.left_on == date(2026, 11, 23)
    with pytest.raises(PermissionRefused):
        end_membership(
            actor=acting(cast.volunteer),
            organization_id=group.pk,
            person_id=cast.volunteer.pk,
            now=NOW + DAY,
        )


def test_forgetting_ends_memberships(cast: Cast) -> None:
    group = make_group(cast.places.here, GroupKind.CBR).organization
    add_member(
        actor=acting(cast.centre_manager),
        organization_id=group.pk,
        person_id=cast.volunteer.pk,
        now=NOW,
    )
    held = memberships_held(person_id=cast.volunteer.pk)["memberships"]
    assert held == [
        {"organization__name": "گروه همیاران", "joined_on": TODAY, "left_on": None},
    ]

    # An earlier instant than the joining cannot break the order of the two days.
    forget(cast.volunteer.pk, NOW - 3 * DAY)

    assert Membership.objects.get().left_on == TODAY


@pytest.mark.django_db(transaction=True)
def test_last_seat_goes_to_one_of_two_at_once() -> None:
    cast = make_cast()
    group = make_group(cast.places.here, GroupKind.HEALTH_AIDES)
    _fill(group, 14)
    manager = acting(cast.centre_manager)
    first, second = make_person(), make_person()
    outcome: list[str] = []

    def join(person: Person) -> None:
        add_member(
            actor=manager,
            organization_id=group.organization_id,
            person_id=person.pk,
            now=NOW,
        )

    def come_second() -> None:
        try:
            join(second)
            outcome.append("joined")
        except GroupFull:
            outcome.append("full")
        finally:
            connection.close()

    thread = threading.Thread(target=come_second)
    with transaction.atomic():
        join(first)
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive(), "who comes second must wait until the first is in or out"
    thread.join(timeout=10)

    assert outcome == ["full"]
    assert group_standing(organization_id=group.organization_id).member_count == 15
