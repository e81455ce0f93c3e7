"""Reading hours: sums, statements, and what is held on a person."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from salam.access.queries import actor_for
from salam.core.actors import ConsoleOperator, Stranger
from salam.core.errors import PermissionRefused
from salam.core.personal_data import personal_data_handlers
from salam.people.actions import forget_person, merge_people
from salam.people.models import Person
from salam.timebank.models import Entry
from salam.timebank.queries import (
    BankTotals,
    OrganizationHours,
    PersonHours,
    bank_totals,
    organization_hours,
    person_hours,
    statement_for,
)
from tests.cast import DAY, NOW, make_person
from tests.timebank.stage import TODAY, Stage, make_account, make_pilot, new_credit, pay


def statement(person: Person) -> list[tuple[int, str, bool, str | None]]:
    rows = statement_for(actor=actor_for(person_id=person.pk, at=NOW), person_id=person.pk)
    return [
        (row.amount_minutes, row.transfer.kind, row.is_reversed, row.organization_name)
        for row in rows
    ]


def test_hours_of_a_person_given_taken_back_and_net(stage: Stage) -> None:
    volunteer = stage.cast.volunteer
    first, _ = stage.post(new_credit(volunteer, 90), new_credit(volunteer, 30))
    stage.post(new_credit(stage.cast.outsider, 500))

    stage.reverse(first.transfer_id)

    assert person_hours(person_id=volunteer.pk) == PersonHours(
        given_minutes=120, reversed_minutes=90, balance_minutes=30, entry_count=3
    )


def test_nobody_has_no_hours(db) -> None:
    assert person_hours(person_id=make_person().pk) == PersonHours(0, 0, 0, 0)
    assert person_hours(person_id=0) == PersonHours(0, 0, 0, 0)
    assert organization_hours(organization_id=0) == OrganizationHours(0, 0, 0, 0)
    assert bank_totals() == BankTotals(0, 0, 0)


def test_hours_of_a_merged_person_are_read_together(stage: Stage) -> None:
    kept, duplicate = stage.cast.volunteer, make_person()
    stage.post(new_credit(duplicate, 60), new_credit(kept, 30), new_credit(stage.cast.outsider, 5))
    merge_people(actor=ConsoleOperator(), kept_id=kept.pk, duplicate_id=duplicate.pk, now=NOW)

    for record in (kept, duplicate):
        assert person_hours(person_id=record.pk) == PersonHours(90, 0, 90, 2)
        assert [row[0] for row in statement(record)] == [30, 60]
    assert organization_hours(organization_id=stage.organization_id).person_count == 2


def test_hours_of_a_pilot_are_not_hours_of_service(stage: Stage) -> None:
    volunteer = stage.cast.volunteer
    stage.post(new_credit(volunteer, 60))
    bank = make_pilot()
    mine, theirs = make_account(bank, volunteer, limit=60), make_account(bank, make_person())
    pay(bank, [(mine, -45), (theirs, 45)])

    assert person_hours(person_id=volunteer.pk) == PersonHours(60, 0, 60, 1)
    assert [row[0] for row in statement(volunteer)] == [60]
    assert bank_totals() == BankTotals(60, 0, 1)
    assert bank_totals(bank_code=bank.code) == BankTotals(45, 0, 1)


def test_statement_is_newest_first_with_its_context(stage: Stage) -> None:
    volunteer = stage.cast.volunteer
    [first] = stage.post(new_credit(volunteer, 60, happened_on=TODAY - DAY))
    stage.post(new_credit(volunteer, 30, happened_on=TODAY - 5 * DAY), at=NOW + DAY)
    stage.reverse(first.transfer_id)

    assert statement(volunteer) == [
        (30, "service", False, "مؤسسهٔ مهر"),
        (-60, "reversal", False, "مؤسسهٔ مهر"),
        (60, "service", True, "مؤسسهٔ مهر"),
    ]


def test_statement_is_for_its_owner_alone(stage: Stage) -> None:
    volunteer = stage.cast.volunteer
    stage.post(new_credit(volunteer))

    strangers = [
        actor_for(person_id=person.pk, at=NOW)
        for person in (stage.cast.officer, stage.cast.national, stage.cast.outsider)
    ]
    for actor in (*strangers, Stranger(), ConsoleOperator()):
        with pytest.raises(PermissionRefused):
            statement_for(actor=actor, person_id=volunteer.pk)
    with pytest.raises(PermissionRefused):
        statement_for(actor=actor_for(person_id=volunteer.pk, at=NOW), person_id=0)


def test_reading_takes_the_same_few_queries(stage: Stage) -> None:
    volunteer = stage.cast.volunteer
    actor = actor_for(person_id=volunteer.pk, at=NOW)

    def queries_for_all() -> list[int]:
        counts = []
        for read in (
            lambda: person_hours(person_id=volunteer.pk),
            lambda: [
                (row.transfer.happened_on, row.organization_name)
                for row in statement_for(actor=actor, person_id=volunteer.pk)
            ],
            lambda: organization_hours(organization_id=stage.organization_id),
            bank_totals,
        ):
            with CaptureQueriesContext(connection) as queries:
                read()
            counts.append(len(queries))
        return counts

    stage.post(new_credit(volunteer))
    with_one = queries_for_all()
    stage.post(new_credit(volunteer), new_credit(volunteer))

    assert queries_for_all() == with_one == [3, 5, 1, 1]


def test_totals_of_organisations_and_of_the_bank(stage: Stage) -> None:
    other = stage.cast.offices.other_intermediary.pk
    first, *_ = stage.post(
        new_credit(stage.cast.volunteer, 60),
        new_credit(stage.cast.volunteer, 30),
        new_credit(stage.cast.outsider, 10),
    )
    stage.post(new_credit(stage.cast.outsider, 7), actor=ConsoleOperator(), organization_id=other)
    stage.reverse(first.transfer_id)

    hours = organization_hours(organization_id=stage.organization_id)
    assert hours == OrganizationHours(100, 60, 4, 2)
    assert hours.net_minutes == 40
    assert organization_hours(organization_id=other) == OrganizationHours(7, 0, 1, 1)
    assert bank_totals() == BankTotals(107, 60, 5)
    assert bank_totals().net_minutes == 47


def test_export_holds_the_own_hours_and_nobody_elses(stage: Stage) -> None:
    volunteer, officer = stage.cast.volunteer, stage.cast.officer
    credit = new_credit(volunteer, 60)
    stage.post(credit, new_credit(stage.cast.outsider, 30))
    [handler] = [one for one in personal_data_handlers() if one.room == "timebank"]

    of_volunteer, of_officer = handler.export_for(volunteer.pk), handler.export_for(officer.pk)

    assert of_volunteer == {
        "hours": [
            {
                "bank": "بانک ساعت‌های خدمت",
                "kind": "service",
                "reason": "",
                "amount_minutes": 60,
                "balance_after": 60,
                "organization_name": "مؤسسهٔ مهر",
                "happened_on": TODAY,
                "recorded_at": NOW,
                "key": credit.key,
            },
        ],
        "posted_by_me": [],
    }
    posted = {"kind": "service", "happened_on": TODAY, "recorded_at": NOW}
    assert of_officer == {"hours": [], "posted_by_me": [posted, posted]}


def test_forgetting_leaves_the_hours_without_the_person(stage: Stage) -> None:
    volunteer = stage.cast.volunteer
    stage.post(new_credit(volunteer, 60))

    forget_person(actor=ConsoleOperator(), person_id=volunteer.pk, now=NOW)

    volunteer.refresh_from_db()
    assert (volunteer.given_name, volunteer.family_name, volunteer.home_place) == ("", "", None)
    assert Entry.objects.count() == 2
    assert bank_totals() == BankTotals(60, 0, 1)
