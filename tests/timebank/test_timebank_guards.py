"""What the database itself refuses, past every action."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction

from salam.timebank.enums import BankKind, BankStage, HolderKind, TransferKind
from salam.timebank.models import Account, Bank, Entry, Transfer
from tests.cast import NOW, make_person
from tests.ledger import check_constraints
from tests.timebank.stage import TODAY, Stage, make_account, make_pilot, new_credit, pay


def refused_by(change: Callable[[], object]) -> str:
    """The constraint or trigger that refuses a change, at once or at commit."""

    def change_and_check() -> None:
        with transaction.atomic():
            change()
            check_constraints()

    with pytest.raises(DatabaseError) as caught:
        change_and_check()
    return str(caught.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]


def run_sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def bank(db: None) -> Bank:
    return make_pilot()


@pytest.fixture
def accounts(bank: Bank) -> tuple[Account, Account]:
    return make_account(bank, make_person(), limit=600), make_account(bank, make_person())


def new_transfer(bank: Bank, **changes: object) -> Transfer:
    values: dict[str, object] = {
        "key": uuid.uuid4(),
        "body_hash": bytes(32),
        "bank": bank,
        "kind": TransferKind.SERVICE,
        "happened_on": TODAY,
        "recorded_at": NOW,
    }
    return Transfer.objects.create(**(values | changes))


def write(
    bank: Bank,
    *legs: tuple[Account, int],
    **changes: object,
) -> Transfer:
    """A transfer by hand, as somebody who knows the tables would forge it: accounts included."""
    transfer = new_transfer(bank, **changes)
    entries = []
    for account, amount in legs:
        account.refresh_from_db()
        account.balance_minutes += amount
        account.version += 1
        account.save()
        entries.append(
            Entry(
                transfer=transfer,
                account=account,
                amount_minutes=amount,
                version=account.version,
                balance_after=account.balance_minutes,
            ),
        )
    Entry.objects.bulk_create(entries)
    return transfer


def test_honest_transfer_by_hand_passes(bank, accounts) -> None:
    giver, taker = accounts

    write(bank, (giver, -30), (taker, 30))
    check_constraints()

    giver.refresh_from_db()
    assert (giver.balance_minutes, giver.version) == (-30, 1)


def test_journal_is_never_altered(stage: Stage) -> None:
    stage.post(new_credit(stage.cast.volunteer))
    check_constraints()

    for table, column in (("transfer", "happened_on"), ("entry", "amount_minutes")):
        for statement in (
            f"UPDATE timebank_{table} SET {column} = {column}",  # noqa: S608 - names from above
            f"DELETE FROM timebank_{table}",  # noqa: S608 - names from above
        ):
            assert refused_by(partial(run_sql, statement)) == f"{table}_append_only"
    for table in ("timebank_entry", "timebank_transfer CASCADE", "people_person CASCADE"):
        refusal = refused_by(partial(run_sql, f"TRUNCATE {table}"))
        assert refusal in {"entry_no_truncate", "transfer_no_truncate"}
    assert Transfer.objects.count() == 1
    assert Entry.objects.count() == 2


def test_empty_journal_may_be_emptied(bank) -> None:
    check_constraints()

    run_sql("TRUNCATE timebank_entry, timebank_transfer CASCADE")

    assert not Transfer.objects.exists()


@pytest.mark.parametrize("legs", [(), ((0, 30),), ((0, -30), (1, 20))])
def test_legs_are_two_or_more_and_sum_to_zero(bank, accounts, legs) -> None:
    chosen = [(accounts[index], amount) for index, amount in legs]

    assert refused_by(lambda: write(bank, *chosen)) == "transfer_has_balanced_legs"


def test_legs_stay_in_the_bank(bank, accounts) -> None:
    giver, taker = accounts
    other = Bank.objects.create(
        code="other", kind=BankKind.PILOT, name_fa="دیگری", stage=BankStage.ACTIVE, opened_at=NOW
    )

    assert refused_by(lambda: write(other, (giver, -30), (taker, 30))) == (
        "transfer_has_balanced_legs"
    )


def test_nothing_is_added_to_a_transfer(bank, accounts) -> None:
    transfer = write(bank, (accounts[0], -30), (accounts[1], 30))
    more = [make_account(bank, make_person(), limit=600), make_account(bank, make_person())]

    def add() -> None:
        Account.objects.filter(pk=more[0].pk).update(balance_minutes=-5, version=1)
        Account.objects.filter(pk=more[1].pk).update(balance_minutes=5, version=1)
        Entry.objects.bulk_create(
            Entry(
                transfer=transfer, account=one, amount_minutes=five, version=1, balance_after=five
            )
            for one, five in zip(more, (-5, 5), strict=True)
        )

    assert refused_by(add) == "entry_follows_entry"


@pytest.mark.parametrize(
    ("version", "balance_after"),
    [(2, -40), (3, -40), (2, -30), (1, -10)],
    ids=["account_left_alone", "gap", "wrong_balance", "version_again"],
)
def test_entry_follows_the_one_before(bank, accounts, version, balance_after) -> None:
    giver, taker = accounts
    write(bank, (giver, -30), (taker, 30))

    def forge() -> None:
        transfer = new_transfer(bank)
        Entry.objects.create(
            transfer=transfer,
            account=giver,
            amount_minutes=-10,
            version=version,
            balance_after=balance_after,
        )

    expected = "entry_version_once" if version == 1 else "entry_follows_entry"
    assert refused_by(forge) == expected


@pytest.mark.parametrize("change", [{"balance_minutes": 500}, {"version": 7}])
def test_account_changes_only_with_an_entry(bank, accounts, change) -> None:
    write(bank, (accounts[0], -30), (accounts[1], 30))

    assert refused_by(lambda: Account.objects.filter(pk=accounts[1].pk).update(**change)) == (
        "account_stands_at_last_entry"
    )


def test_account_starts_at_zero(bank) -> None:
    def start_rich() -> None:
        Account.objects.create(
            bank=bank, holder_kind=HolderKind.PERSON, person=make_person(), balance_minutes=600
        )

    assert refused_by(start_rich) == "account_stands_at_last_entry"


def test_account_never_changes_hands(bank, accounts) -> None:
    other = make_person()

    assert refused_by(lambda: Account.objects.filter(pk=accounts[0].pk).update(person=other)) == (
        "account_keeps_holder"
    )


def test_account_with_entries_stays(bank, accounts) -> None:
    write(bank, (accounts[0], -30), (accounts[1], 30))
    check_constraints()

    refusal = refused_by(
        lambda: run_sql("DELETE FROM timebank_account WHERE id = %s", accounts[0].pk)
    )

    assert "timebank_entry_account_id" in refusal


def test_account_has_one_holder_of_its_kind_once(bank, stage: Stage) -> None:
    person, organization, place = (
        stage.cast.volunteer,
        stage.cast.offices.centre,
        stage.cast.places.here,
    )
    make_account(bank, person)

    for holders in (
        {"holder_kind": HolderKind.PERSON},
        {"holder_kind": HolderKind.PERSON, "organization": organization},
        {"holder_kind": HolderKind.ORGANIZATION, "organization": organization, "person": person},
        {"holder_kind": HolderKind.COMMUNITY_FUND},
        {"holder_kind": "anybody", "person": person},
    ):
        refusal = refused_by(partial(Account.objects.create, bank=bank, **holders))
        assert refusal == "account_one_holder_as_kind_says"
    assert refused_by(partial(make_account, bank, person)) == "account_once_a_person"
    for kind, name, holder in (
        (HolderKind.ORGANIZATION, "organization", organization),
        (HolderKind.COMMUNITY_FUND, "place", place),
    ):
        open_account = partial(
            Account.objects.create, bank=bank, holder_kind=kind, **{name: holder}
        )
        open_account()
        assert refused_by(open_account).startswith("account_once_a")


def test_limit_holds_unless_a_flag_says_so(bank, accounts) -> None:
    giver, taker = accounts

    assert refused_by(lambda: write(bank, (giver, -601), (taker, 601))) == "account_within_limit"

    Account.objects.filter(pk=giver.pk).update(is_unlimited=True)
    write(bank, (giver, -601), (taker, 601))
    check_constraints()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"body_hash": bytes(31)}, "transfer_body_hash_32_bytes"),
        ({"kind": "gift"}, "transfer_kind_known"),
        ({"kind": "reversal"}, "transfer_reversal_has_original_and_reason"),
        ({"reason": "not_served"}, "transfer_reversal_has_original_and_reason"),
    ],
)
def test_transfer_is_of_a_known_shape(bank, changes, constraint) -> None:
    assert refused_by(partial(new_transfer, bank, **changes)) == constraint


def test_key_stands_once(bank, accounts) -> None:
    transfer = write(bank, (accounts[0], -30), (accounts[1], 30))

    assert refused_by(partial(new_transfer, bank, key=transfer.key)) == "transfer_key_once"


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("amount_minutes", 0, "entry_amount_not_zero"),
        ("version", 0, "entry_version_positive"),
    ],
)
def test_entry_says_something(bank, accounts, column, value, constraint) -> None:
    values = {"amount_minutes": 1, "version": 1, "balance_after": 1} | {column: value}

    assert constraint == refused_by(
        lambda: Entry.objects.create(transfer=new_transfer(bank), account=accounts[0], **values)
    )


def test_account_is_in_a_transfer_once(bank, accounts) -> None:
    giver, taker = accounts

    assert refused_by(lambda: write(bank, (giver, -30), (giver, -30), (taker, 60))) == (
        "entry_account_once"
    )


def test_reversal_is_the_exact_negation_once(bank, accounts) -> None:
    giver, taker = accounts
    third = make_account(bank, make_person())
    original = write(bank, (giver, -30), (taker, 30))
    check_constraints()
    undo = {"kind": "reversal", "reverses": original, "reason": "not_served"}

    for legs in (
        ((giver, 20), (taker, -20)),
        ((giver, -30), (taker, 30)),
        ((giver, 30), (taker, -10), (third, -20)),
    ):
        Account.objects.update(is_unlimited=True)
        assert refused_by(partial(write, bank, *legs, **undo)) == "transfer_has_balanced_legs"
    reversal = write(bank, (giver, 30), (taker, -30), **undo)
    check_constraints()
    again = {"kind": "reversal", "reverses": reversal, "reason": "not_served"}
    assert refused_by(partial(write, bank, (giver, -30), (taker, 30), **again)) == (
        "transfer_has_balanced_legs"
    )
    assert refused_by(partial(write, bank, (giver, 30), (taker, -30), **undo)) == (
        "timebank_transfer_reverses_id_key"
    )


def test_nobody_spends_where_hours_are_only_recorded(stage: Stage) -> None:
    stage.post(new_credit(stage.cast.volunteer), new_credit(stage.cast.outsider))
    check_constraints()
    bank = Bank.objects.get()
    one, other = Account.objects.filter(holder_kind=HolderKind.PERSON)
    payer = Account.objects.get(holder_kind=HolderKind.ORGANIZATION)

    for legs in (((one, -30), (other, 30)), ((one, -30), (payer, 30))):
        assert refused_by(partial(pay, bank, legs)) == "transfer_has_balanced_legs"


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"stage": "closed"}, "bank_of_service_hours_national_and_active"),
        ({"kind": "pilot"}, "bank_keeps_kind"),
        ({"code": "other"}, "bank_keeps_kind"),
    ],
)
def test_bank_of_service_hours_stays_what_it_is(stage: Stage, change, constraint) -> None:
    stage.post(new_credit(stage.cast.volunteer))

    assert refused_by(lambda: Bank.objects.update(**change)) == constraint


@pytest.mark.parametrize(
    ("change", "constraint"),
    [({"stage": "paused"}, "bank_stage_known"), ({"kind": "money"}, "bank_kind_known")],
)
def test_bank_is_of_a_known_kind_and_stage(db, change, constraint) -> None:
    values = {"code": "x", "kind": "pilot", "stage": "active", "name_fa": "x", "opened_at": NOW}

    assert refused_by(lambda: Bank.objects.create(**(values | change))) == constraint
    Bank.objects.create(**values)
    assert refused_by(lambda: Bank.objects.create(**values)) == "bank_code_once"


def test_functions_never_plan_to_read_whole_tables(db) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, proconfig FROM pg_proc "
            "WHERE proname LIKE 'timebank_check_%%' OR proname = 'timebank_post'"
        )
        found = dict(cursor.fetchall())

    settings = {"enable_hashjoin=off", "enable_mergejoin=off", "enable_seqscan=off"}
    assert {name: set(chosen) for name, chosen in found.items()} == dict.fromkeys(
        (
            "timebank_check_account",
            "timebank_check_entries",
            "timebank_check_transfer",
            "timebank_post",
        ),
        settings,
    )
