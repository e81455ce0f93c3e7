"""Posting hours and taking them back, through the actions."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from salam.access.queries import actor_for
from salam.core.actors import ConsoleOperator, Stranger
from salam.core.errors import DomainError, InvalidInput, PermissionRefused
from salam.core.models import Event
from salam.organizations.enums import OrganizationStatus
from salam.organizations.models import Organization
from salam.people.actions import forget_person, merge_people
from salam.timebank.actions import (
    AlreadyReversed,
    BankNotActive,
    InsufficientBalance,
    KeyUsedBefore,
    PostedTransfer,
    ensure_service_hours_bank,
)
from salam.timebank.actions.hours import (
    CREDIT_COUNT_MAX,
    DURATION_MINUTES_MAX,
    HAPPENED_BACK_MAX,
)
from salam.timebank.enums import BankStage, ReversalReason
from salam.timebank.models import Account, Bank, Entry, Transfer
from salam.timebank.queries import audit
from tests.cast import DAY, NOW, make_person
from tests.ledger import check_constraints
from tests.timebank.stage import (
    TODAY,
    Stage,
    journal,
    make_account,
    make_pilot,
    new_credit,
    pay,
    standing,
)


def events() -> list[tuple[str, int, dict[str, object]]]:
    found = Event.objects.filter(kind__startswith="timebank.").exclude(kind="timebank.bank_opened")
    return list(found.order_by("pk").values_list("kind", "subject_id", "payload"))


def is_whole() -> bool:
    check_constraints()
    return all(line.is_kept for line in audit())


def test_hours_go_from_the_organisation_to_the_person(stage: Stage) -> None:
    volunteer = stage.cast.volunteer
    credit = new_credit(volunteer, 90, origin="session:12")

    [posted] = stage.post(credit)

    transfer = Transfer.objects.get()
    assert posted == PostedTransfer(credit.key, transfer.pk, is_replayed=False)
    assert (transfer.happened_on, transfer.recorded_at, transfer.origin, transfer.actor_id) == (
        TODAY,
        NOW,
        "session:12",
        stage.cast.officer.pk,
    )
    assert standing(volunteer) == (90, 1)
    assert standing(organization_id=stage.organization_id) == (-90, 1)
    assert events() == [
        (
            "timebank.hours_posted",
            transfer.pk,
            {
                "organization_id": stage.organization_id,
                "person_id": volunteer.pk,
                "duration_minutes": 90,
            },
        ),
    ]
    assert is_whole()


def test_accounts_are_opened_when_first_needed(stage: Stage) -> None:
    stage.post(new_credit(stage.cast.volunteer))
    stage.post(new_credit(stage.cast.volunteer), new_credit(stage.cast.outsider))

    assert set(Account.objects.values_list("person_id", "organization_id", "is_unlimited")) == {
        (stage.cast.volunteer.pk, None, False),
        (stage.cast.outsider.pk, None, False),
        (None, stage.organization_id, True),
    }
    assert set(Account.objects.values_list("province_code", flat=True)) == {"23", "2"}


def test_batch_counts_versions_without_a_gap(stage: Stage) -> None:
    volunteer, outsider = stage.cast.volunteer, stage.cast.outsider
    stage.post(new_credit(volunteer, 5))

    posted = stage.post(
        new_credit(volunteer, 10), new_credit(outsider, 20), new_credit(volunteer, 40)
    )

    assert journal(Account.objects.get(person=volunteer)) == [(1, 5, 5), (2, 10, 15), (3, 40, 55)]
    assert journal(Account.objects.get(organization_id=stage.organization_id)) == [
        (1, -5, -5),
        (2, -10, -15),
        (3, -20, -35),
        (4, -40, -75),
    ]
    amounts = dict(
        Entry.objects.filter(amount_minutes__gt=0).values_list("transfer", "amount_minutes")
    )
    assert [amounts[one.transfer_id] for one in posted] == [10, 20, 40]
    assert is_whole()


def test_batch_of_any_size_takes_the_same_few_queries(stage: Stage) -> None:
    people = [make_person() for _ in range(40)]
    stage.post(*(new_credit(person) for person in people))

    def queries_for(count: int) -> int:
        batch = [new_credit(person) for person in people[:count]]
        officer = stage.officer
        with CaptureQueriesContext(connection) as queries:
            stage.post(*batch, actor=officer)
        return len(queries)

    assert queries_for(2) == queries_for(40) == 9


def test_same_request_again_changes_nothing(stage: Stage) -> None:
    batch = [new_credit(stage.cast.volunteer), new_credit(stage.cast.outsider)]
    first = stage.post(*batch)

    again = stage.post(*reversed(batch), new_credit(stage.cast.volunteer, 7))

    assert [(one.transfer_id, one.is_replayed) for one in again] == [
        (first[1].transfer_id, True),
        (first[0].transfer_id, True),
        (Transfer.objects.latest("pk").pk, False),
    ]
    assert standing(stage.cast.volunteer) == (97, 2)
    assert len(events()) == Transfer.objects.count() == 3
    assert is_whole()


def test_key_twice_in_one_batch_is_one_transfer(stage: Stage) -> None:
    credit = new_credit(stage.cast.volunteer)

    first, second = stage.post(credit, credit)

    assert first == second
    assert standing(stage.cast.volunteer) == (90, 1)
    assert len(events()) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"duration_minutes": 91},
        {"happened_on": TODAY - DAY},
        {"origin": "session:13"},
    ],
)
def test_same_key_with_another_body_is_a_conflict_of_its_own(stage: Stage, change) -> None:
    credit = new_credit(stage.cast.volunteer)
    stage.post(credit)
    other = new_credit(stage.cast.volunteer, **({"key": credit.key} | change))

    for batch in ([other], [new_credit(stage.cast.outsider), other], [other, other]):
        with pytest.raises(KeyUsedBefore, match="محتوای دیگری"):
            stage.post(*batch)
    fresh = new_credit(stage.cast.outsider)
    with pytest.raises(KeyUsedBefore):
        stage.post(fresh, new_credit(stage.cast.outsider, 1, key=fresh.key))

    assert standing(stage.cast.volunteer) == (90, 1)
    assert Transfer.objects.count() == 1
    assert is_whole()


def test_key_of_another_organisation_is_a_conflict(stage: Stage) -> None:
    credit = new_credit(stage.cast.volunteer)
    stage.post(credit)

    with pytest.raises(KeyUsedBefore):
        stage.post(
            credit,
            actor=actor_for(person_id=stage.cast.other_officer.pk, at=NOW),
            organization_id=stage.cast.offices.other_intermediary.pk,
        )


@pytest.mark.parametrize(
    "change",
    [
        {"duration_minutes": 0},
        {"duration_minutes": -30},
        {"duration_minutes": DURATION_MINUTES_MAX + 1},
        {"happened_on": TODAY + DAY},
        {"happened_on": TODAY - HAPPENED_BACK_MAX - DAY},
        {"origin": "به یاد خانم یکتا"},
        {"person_id": 0},
    ],
)
def test_credit_that_cannot_be_stops_the_whole_batch(stage: Stage, change) -> None:
    with pytest.raises(InvalidInput):
        stage.post(new_credit(stage.cast.outsider), new_credit(stage.cast.volunteer, **change))

    assert not Transfer.objects.exists()


@pytest.mark.parametrize(
    ("minutes", "happened_on"), [(1, TODAY), (DURATION_MINUTES_MAX, TODAY - HAPPENED_BACK_MAX)]
)
def test_limits_themselves_are_allowed(stage: Stage, minutes: int, happened_on: date) -> None:
    stage.post(new_credit(stage.cast.volunteer, minutes, happened_on=happened_on))

    assert standing(stage.cast.volunteer) == (minutes, 1)


def test_today_is_the_day_in_iran(stage: Stage) -> None:
    late_evening = NOW.replace(hour=21)

    stage.post(new_credit(stage.cast.volunteer, happened_on=TODAY + DAY), at=late_evening)

    assert standing(stage.cast.volunteer) == (90, 1)


def test_batch_has_a_limit(stage: Stage) -> None:
    credit = new_credit(stage.cast.volunteer)

    with pytest.raises(InvalidInput, match="۱۰٬۰۰۰"):
        stage.post(*[credit] * (CREDIT_COUNT_MAX + 1))
    assert stage.post() == []
    assert not Bank.objects.exists()


def test_forgotten_person_gets_no_hours(stage: Stage) -> None:
    forget_person(actor=ConsoleOperator(), person_id=stage.cast.volunteer.pk, now=NOW)

    with pytest.raises(InvalidInput):
        stage.post(new_credit(stage.cast.volunteer))


def test_hours_of_a_merged_record_go_to_the_person(stage: Stage) -> None:
    kept, duplicate = stage.cast.volunteer, make_person()
    early = new_credit(duplicate)
    stage.post(early)
    merge_people(actor=ConsoleOperator(), kept_id=kept.pk, duplicate_id=duplicate.pk, now=NOW)

    [again] = stage.post(early)
    stage.post(new_credit(duplicate, 30))

    assert again.is_replayed
    assert standing(duplicate) == (90, 1)
    assert standing(kept) == (30, 1)


@pytest.mark.parametrize(
    "name",
    [
        "volunteer",
        "facilitator_here",
        "coordinator_above",
        "national",
        "other_officer",
        "centre_manager",
        "agency_reader",
        "outsider",
        "expired",
        "of_suspended_office",
    ],
)
def test_only_the_host_posts_hours(stage: Stage, name: str) -> None:
    actor = actor_for(person_id=getattr(stage.cast, name).pk, at=NOW)

    with pytest.raises(PermissionRefused):
        stage.post(new_credit(stage.cast.volunteer, 0), actor=actor)

    assert not Bank.objects.exists()


def test_refusal_looks_like_an_organisation_that_is_not_there(stage: Stage) -> None:
    for actor, organization_id in ((Stranger(), None), (ConsoleOperator(), 999_999)):
        with pytest.raises(PermissionRefused):
            stage.post(
                new_credit(stage.cast.volunteer), actor=actor, organization_id=organization_id
            )


def test_suspended_host_posts_and_reverses_nothing(stage: Stage) -> None:
    [posted] = stage.post(new_credit(stage.cast.volunteer))
    Organization.objects.filter(pk=stage.organization_id).update(
        status=OrganizationStatus.SUSPENDED,
    )

    with pytest.raises(PermissionRefused):
        stage.post(new_credit(stage.cast.volunteer))
    with pytest.raises(PermissionRefused):
        stage.reverse(posted.transfer_id)


def test_failure_afterwards_leaves_nothing_but_the_outer_transaction(stage: Stage) -> None:
    stage.post(new_credit(stage.cast.volunteer))
    before = standing(stage.cast.volunteer), standing(organization_id=stage.organization_id)

    def post_and_fail() -> None:
        with transaction.atomic():
            stage.post(new_credit(stage.cast.volunteer), new_credit(stage.cast.outsider))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        post_and_fail()

    assert before == (
        standing(stage.cast.volunteer),
        standing(organization_id=stage.organization_id),
    )
    assert not Account.objects.filter(person=stage.cast.outsider).exists()
    assert len(events()) == Transfer.objects.count() == 1


def test_refusal_leaves_the_outer_transaction_usable(stage: Stage) -> None:
    credit = new_credit(stage.cast.volunteer)
    with transaction.atomic():
        stage.post(credit)
        with pytest.raises(KeyUsedBefore):
            stage.post(new_credit(stage.cast.volunteer, 1, key=credit.key))
        stage.post(new_credit(stage.cast.volunteer, 10))

    assert standing(stage.cast.volunteer) == (100, 2)


def test_reversal_undoes_a_transfer_and_keeps_it(stage: Stage) -> None:
    yesterday = TODAY - timedelta(days=1)
    [posted] = stage.post(
        new_credit(stage.cast.volunteer, happened_on=yesterday, origin="session:1")
    )

    reversal = stage.reverse(posted.transfer_id, reason=ReversalReason.WRONG_MINUTES)

    written = Transfer.objects.get(pk=reversal.transfer_id)
    assert (written.kind, written.reverses_id, written.reason, written.origin) == (
        "reversal",
        posted.transfer_id,
        "wrong_minutes",
        "session:1",
    )
    assert written.happened_on == yesterday
    assert standing(stage.cast.volunteer) == (0, 2)
    assert standing(organization_id=stage.organization_id) == (0, 2)
    assert events()[-1] == (
        "timebank.transfer_reversed",
        reversal.transfer_id,
        {"reverses_id": posted.transfer_id, "reason": "wrong_minutes"},
    )
    assert is_whole()


def test_transfer_is_reversed_at_most_once(stage: Stage) -> None:
    [posted] = stage.post(new_credit(stage.cast.volunteer))
    key = uuid.uuid4()
    first = stage.reverse(posted.transfer_id, key=key)

    again = stage.reverse(posted.transfer_id, key=key)
    with pytest.raises(AlreadyReversed):
        stage.reverse(posted.transfer_id)
    with pytest.raises(KeyUsedBefore):
        stage.reverse(posted.transfer_id, key=key, reason="wrong_day")
    with pytest.raises(InvalidInput):
        stage.reverse(first.transfer_id)

    assert (again.transfer_id, again.is_replayed) == (first.transfer_id, True)
    assert len(events()) == Transfer.objects.count() == 2


def test_reason_comes_from_the_list(stage: Stage) -> None:
    [posted] = stage.post(new_credit(stage.cast.volunteer))

    for reason in ("", "because", "نیامد"):
        with pytest.raises(InvalidInput):
            stage.reverse(posted.transfer_id, reason=reason)


def test_who_reverses_what_the_host_gave(stage: Stage) -> None:
    may = set()
    for name in (
        "volunteer",
        "facilitator_here",
        "coordinator_above",
        "national",
        "officer",
        "other_officer",
        "centre_manager",
        "agency_reader",
    ):
        [posted] = stage.post(new_credit(stage.cast.volunteer))
        actor = actor_for(person_id=getattr(stage.cast, name).pk, at=NOW)
        try:
            stage.reverse(posted.transfer_id, actor=actor)
        except PermissionRefused:
            continue
        may.add(name)

    assert may == {"officer"}
    for transfer_id in (posted.transfer_id + 10_000, 0):
        with pytest.raises(PermissionRefused):
            stage.reverse(transfer_id, actor=ConsoleOperator())


def test_bank_of_service_hours_is_opened_once(stage: Stage) -> None:
    banks = {ensure_service_hours_bank(actor=ConsoleOperator(), now=NOW).pk for _ in range(2)}
    stage.post(new_credit(stage.cast.volunteer))

    assert banks == {Transfer.objects.get().bank_id}
    assert Event.objects.filter(kind="timebank.bank_opened").count() == 1
    for name in ("officer", "coordinator_above"):
        with pytest.raises(PermissionRefused):
            ensure_service_hours_bank(
                actor=actor_for(person_id=getattr(stage.cast, name).pk, at=NOW), now=NOW
            )


def test_limit_in_a_pilot_is_refused_by_its_own_name(db) -> None:
    bank = make_pilot()
    giver, taker = make_account(bank, make_person(), limit=60), make_account(bank, make_person())
    key = uuid.uuid4()
    pay(bank, [(giver, -60), (taker, 60)], key=key)

    with pytest.raises(InsufficientBalance):
        pay(bank, [(giver, -1), (taker, 1)])
    with pytest.raises(KeyUsedBefore):
        pay(bank, [(giver, -1), (taker, 1)], key=key, body="other")

    assert journal(giver) == [(1, -60, -60)]
    assert journal(taker) == [(1, 60, 60)]


def test_reversal_of_spent_hours_is_refused(db) -> None:
    bank = make_pilot()
    giver, taker, third = (make_account(bank, make_person(), limit=limit) for limit in (60, 0, 0))
    paid = pay(bank, [(giver, -60), (taker, 60)])
    pay(bank, [(taker, -60), (third, 60)])

    with pytest.raises(InsufficientBalance):
        Stage.reverse(None, paid.transfer_id, actor=ConsoleOperator())  # type: ignore[arg-type]


def test_only_an_active_bank_takes_transfers(db) -> None:
    bank = make_pilot(BankStage.PREPARING)
    accounts = [make_account(bank, make_person(), limit=60) for _ in range(2)]
    legs = [(accounts[0], -5), (accounts[1], 5)]

    with pytest.raises(BankNotActive):
        pay(bank, legs)
    Bank.objects.update(stage=BankStage.ACTIVE)
    key = uuid.uuid4()
    first = pay(bank, legs, key=key)
    Bank.objects.update(stage=BankStage.CLOSED)

    # What was written before may still be asked about.
    assert pay(bank, legs, key=key).transfer_id == first.transfer_id


def test_account_of_another_bank_is_refused(stage: Stage) -> None:
    stage.post(new_credit(stage.cast.volunteer))
    bank = make_pilot()
    mine = make_account(bank, stage.cast.volunteer, limit=60)

    with pytest.raises(PermissionRefused):
        pay(bank, [(mine, -5), (Account.objects.get(organization__isnull=False), 5)])


def test_group_lesson_has_many_legs(db) -> None:
    bank = make_pilot()
    learners = [make_account(bank, make_person(), limit=60) for _ in range(3)]
    teacher = make_account(bank, make_person())

    pay(bank, [*((learner, -20) for learner in learners), (teacher, 60)])

    assert journal(teacher) == [(1, 60, 60)]
    assert is_whole()


def test_what_is_no_refusal_stays_a_fault(db) -> None:
    bank = make_pilot()
    accounts = [make_account(bank, make_person(), limit=60) for _ in range(2)]

    with pytest.raises(Exception, match="entry_amount_not_zero") as caught:
        pay(bank, [(accounts[0], 0), (accounts[1], 0)])

    assert not isinstance(caught.value, DomainError)
