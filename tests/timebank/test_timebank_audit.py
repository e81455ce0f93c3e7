"""The audit finds what somebody with the owner's rights put wrong, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.db import connection

from salam.commands.check import _ledger
from salam.commands.timebank import timebank
from salam.timebank.models import GUARDS
from salam.timebank.queries import AuditLine, audit
from tests.ledger import check_constraints, unguarded
from tests.timebank.stage import Stage, new_credit

CODES = ["I1", "I2", "I3", "I4", "I9", "I10", "I11", "I12"]


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def broken() -> dict[str, AuditLine]:
    return {line.code: line for line in audit() if not line.is_kept}


@pytest.fixture
def hours(stage: Stage) -> Stage:
    posted = stage.post(
        *(new_credit(stage.cast.volunteer, minutes) for minutes in (10, 20, 30)),
        new_credit(stage.cast.outsider, 40),
    )
    stage.reverse(posted[0].transfer_id)
    check_constraints()
    return stage


def test_audit_of_an_honest_ledger_is_clean(hours: Stage) -> None:
    lines = audit()

    assert [line.code for line in lines] == CODES
    assert all(line.is_kept and line.examples == () for line in lines)


def test_audit_of_an_empty_ledger_is_clean(db: None) -> None:
    assert broken() == {}


PLANTS: Sequence[tuple[set[str], Sequence[str]]] = (
    (
        {"I1", "I3"},
        ["UPDATE timebank_account SET balance_minutes = 9999 WHERE person_id IS NOT NULL"],
    ),
    ({"I3"}, ["UPDATE timebank_account SET version = version + 1"]),
    (
        {"I1", "I2", "I3", "I4"},
        ["UPDATE timebank_entry SET amount_minutes = 45 WHERE amount_minutes = 30"],
    ),
    ({"I4"}, ["UPDATE timebank_entry SET balance_after = 31 WHERE balance_after = 30"]),
    ({"I3", "I4"}, ["UPDATE timebank_entry SET version = version + 1 WHERE balance_after = -90"]),
    (
        {"I1", "I2", "I3"},
        ["DELETE FROM timebank_entry WHERE amount_minutes = 40"],
    ),
    (
        {"I3", "I4", "I12"},
        ["DELETE FROM timebank_entry WHERE abs(amount_minutes) = 40"],
    ),
    (
        {"I9", "I10"},
        [
            "ALTER TABLE timebank_transfer DROP CONSTRAINT transfer_body_hash_32_bytes",
            "UPDATE timebank_transfer SET body_hash = ''",
        ],
    ),
    (
        {"I9", "I10"},
        [
            "ALTER TABLE timebank_transfer DROP CONSTRAINT transfer_key_once",
            "UPDATE timebank_transfer SET key = '00000000-0000-0000-0000-000000000001'",
        ],
    ),
    (
        {"I11"},
        [
            """
            UPDATE timebank_transfer SET reverses_id = (
                SELECT min(transfer_id) FROM timebank_entry WHERE amount_minutes = 20
            ) WHERE kind = 'reversal'
            """,
        ],
    ),
    (
        {"I10"},
        ["DROP TRIGGER entry_append_only ON timebank_entry"],
    ),
)


@pytest.mark.parametrize(("codes", "statements"), PLANTS)
def test_planted_breach_is_found(hours: Stage, codes: set[str], statements: Sequence[str]) -> None:
    with unguarded():
        for statement in statements:
            sql(statement)

    found = broken()

    assert found.keys() == codes
    assert all(len(line.examples) == min(line.breach_count, 5) > 0 for line in found.values())


def test_transfer_without_entries_is_found(hours: Stage) -> None:
    with unguarded():
        sql(
            "INSERT INTO timebank_transfer "
            "(key, body_hash, bank_id, kind, happened_on, recorded_at, reason, origin) "
            "SELECT %s, body_hash, bank_id, 'service', happened_on, recorded_at, '', '' "
            "FROM timebank_transfer LIMIT 1",
            uuid4(),
        )

    assert broken().keys() == {"I12"}


@pytest.mark.parametrize(
    ("table", "name"), [(table, name) for table, names in GUARDS.items() for name in names]
)
def test_trigger_switched_off_is_missed(stage: Stage, table: str, name: str) -> None:
    check_constraints()
    sql(f"ALTER TABLE {table} DISABLE TRIGGER {name}")

    assert broken()["I10"].examples == (f"{table}.{name}",)
    is_good, sentence = _ledger()
    assert not is_good
    assert "۱ نگهبان" in sentence


def run_audit(*options: str) -> tuple[int, str]:
    finished = CliRunner().invoke(timebank, ["audit", *options])
    return finished.exit_code, finished.stdout


def test_command_says_that_all_is_well(hours: Stage) -> None:
    code, said = run_audit()

    assert code == 0
    assert said.count("✓") == len(CODES)
    assert "✗" not in said
    assert _ledger()[0]


def test_command_names_what_is_broken_and_ends_with_1(hours: Stage) -> None:
    with unguarded():
        sql("UPDATE timebank_account SET version = version + 1")

    code, said = run_audit()
    json_code, as_json = run_audit("--json")

    assert code == json_code == 1
    assert "✗ I3" in said
    assert "۳ مورد" in said
    lines = {line["code"]: line for line in json.loads(as_json)}
    assert list(lines) == CODES
    assert lines["I3"]["breach_count"] == len(lines["I3"]["examples"]) == 3


def test_examples_are_few(stage: Stage) -> None:
    stage.post(*(new_credit(stage.cast.volunteer, 1) for _ in range(8)))
    with unguarded():
        sql("UPDATE timebank_entry SET balance_after = 0")

    line = broken()["I4"]

    assert line.breach_count > len(line.examples) == 5
