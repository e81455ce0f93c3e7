"""Proving the ledger from its entries alone: one line for each invariant.

Every line is one statement over whole tables, read past every cached number: a balance is compared
with the sum of its entries, never trusted. The numbers of the invariants are those of the glossary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.timebank.models import GUARDS, Account, Bank, Entry, Transfer

EXAMPLES_MAX: Final = 5


@dataclass(frozen=True)
class AuditLine:
    """One invariant: how often it is broken, and up to five places where.

    ``examples`` are ids of what ``subject`` names ("timebank.Account"), or names of missing guards.
    """

    code: str
    sentence: str
    subject: str
    breach_count: int
    examples: tuple[str, ...]

    @property
    def is_kept(self) -> bool:
        return self.breach_count == 0


@dataclass(frozen=True)
class _Invariant:
    code: str
    sentence: object
    subject: str
    sql: str
    """Gives the ids of what breaks it, in one column named ``id``."""


_INVARIANTS: Final[Sequence[_Invariant]] = (
    _Invariant(
        "I1",
        gettext_lazy("جمع همهٔ حساب‌های هر بانک صفر است."),
        "timebank.Bank",
        """
        SELECT bank.id FROM timebank_bank AS bank
        LEFT JOIN (
            SELECT account.bank_id, sum(account.balance_minutes::bigint) AS cached,
                COALESCE(sum(entries.summed), 0) AS summed
            FROM timebank_account AS account
            LEFT JOIN (
                SELECT account_id, sum(amount_minutes) AS summed
                FROM timebank_entry GROUP BY account_id
            ) AS entries ON entries.account_id = account.id
            GROUP BY account.bank_id
        ) AS sums ON sums.bank_id = bank.id
        WHERE sums.cached <> 0 OR sums.summed <> 0
        """,
    ),
    _Invariant(
        "I2",
        gettext_lazy("هر جابه‌جایی دست‌کم دو ردیف در حساب‌های یک بانک دارد و جمعشان صفر است."),
        "timebank.Transfer",
        """
        SELECT transfer.id FROM timebank_transfer AS transfer
        JOIN timebank_entry AS entry ON entry.transfer_id = transfer.id
        JOIN timebank_account AS account ON account.id = entry.account_id
        GROUP BY transfer.id
        HAVING sum(entry.amount_minutes) <> 0
            OR count(*) < 2
            OR count(DISTINCT entry.account_id) <> count(*)
            OR bool_or(entry.amount_minutes = 0)
            OR bool_or(account.bank_id <> transfer.bank_id)
        """,
    ),
    _Invariant(
        "I3",
        gettext_lazy("موجودی هر حساب جمع ردیف‌هایش و ماندهٔ آخرین ردیف است."),
        "timebank.Account",
        """
        SELECT account.id FROM timebank_account AS account
        LEFT JOIN (
            SELECT account_id, sum(amount_minutes) AS summed, max(version) AS newest
            FROM timebank_entry GROUP BY account_id
        ) AS entries ON entries.account_id = account.id
        LEFT JOIN timebank_entry AS last
            ON last.account_id = account.id AND last.version = entries.newest
        WHERE account.balance_minutes <> COALESCE(entries.summed, 0)
            OR account.balance_minutes <> COALESCE(last.balance_after, 0)
            OR account.version <> COALESCE(entries.newest, 0)
        """,
    ),
    _Invariant(
        "I4",
        gettext_lazy("ردیف‌های هر حساب پشت سر هم شماره دارند و هر مانده از ماندهٔ پیشین می‌آید."),
        "timebank.Entry",
        """
        SELECT id FROM (
            SELECT id, version, amount_minutes, balance_after,
                COALESCE(lag(version) OVER in_order, 0) AS version_before,
                COALESCE(lag(balance_after) OVER in_order, 0) AS balance_before
            FROM timebank_entry
            WINDOW in_order AS (PARTITION BY account_id ORDER BY version)
        ) AS entry
        WHERE version <> version_before + 1
            OR balance_after <> balance_before + amount_minutes
        """,
    ),
    _Invariant(
        "I9",
        gettext_lazy("کلید هر درخواست یکتاست و اثر محتوایش کنار آن است."),
        "timebank.Transfer",
        """
        SELECT id FROM (
            SELECT id, body_hash, count(*) OVER (PARTITION BY key) AS copies
            FROM timebank_transfer
        ) AS transfer
        WHERE copies > 1 OR octet_length(body_hash) <> 32
        """,
    ),
    _Invariant(
        "I11",
        gettext_lazy("هر جابه‌جایی حداکثر یک بار و درست به اندازهٔ خودش برگشت خورده است."),
        "timebank.Transfer",
        """
        SELECT transfer.id FROM timebank_transfer AS transfer
        JOIN timebank_transfer AS original ON original.id = transfer.reverses_id
        WHERE original.reverses_id IS NOT NULL OR original.bank_id <> transfer.bank_id
        UNION
        SELECT id FROM timebank_transfer
        WHERE (kind = 'reversal') <> (reverses_id IS NOT NULL)
        UNION
        SELECT unnest(array_agg(id)) FROM timebank_transfer
        WHERE reverses_id IS NOT NULL GROUP BY reverses_id HAVING count(*) > 1
        UNION
        SELECT pair.id FROM (
            SELECT reversal.id, entry.account_id, entry.amount_minutes
            FROM timebank_transfer AS reversal
            JOIN timebank_entry AS entry ON entry.transfer_id IN (reversal.id, reversal.reverses_id)
            WHERE reversal.reverses_id IS NOT NULL
        ) AS pair
        GROUP BY pair.id, pair.account_id HAVING sum(pair.amount_minutes) <> 0
        """,
    ),
    _Invariant(
        "I12",
        gettext_lazy("هیچ جابه‌جایی بی‌ردیف و هیچ ردیفی بی‌جابه‌جایی نمانده است."),
        "timebank.Transfer",
        """
        SELECT transfer.id FROM timebank_transfer AS transfer
        LEFT JOIN timebank_entry AS entry ON entry.transfer_id = transfer.id
        WHERE entry.id IS NULL
        UNION
        SELECT entry.transfer_id FROM timebank_entry AS entry
        LEFT JOIN timebank_transfer AS transfer ON transfer.id = entry.transfer_id
        WHERE transfer.id IS NULL
        """,
    ),
)

_FOUND: Final = (
    "SELECT count(*), (array_agg(id::text ORDER BY id))[1:{limit}] FROM ({sql}) AS found"
)

_TRIGGERS: Final = """
    SELECT tgrelid::regclass::text, tgname FROM pg_trigger
    WHERE tgrelid = ANY (%s::regclass[]) AND tgenabled IN ('O', 'A')
"""
_CONSTRAINTS: Final = """
    SELECT conrelid::regclass::text, conname FROM pg_constraint
    WHERE conrelid = ANY (%s::regclass[]) AND convalidated AND contype <> 't'
"""


def audit() -> list[AuditLine]:
    """Every invariant, in the order of their numbers; a few seconds for a million entries.

    Reads only, and may run while hours are being posted: each line sees one instant.
    """
    lines = []
    with connection.cursor() as cursor:
        for invariant in _INVARIANTS:
            cursor.execute(_FOUND.format(limit=EXAMPLES_MAX, sql=invariant.sql))
            count, examples = cursor.fetchone()
            lines.append(
                AuditLine(
                    invariant.code,
                    str(invariant.sentence),
                    invariant.subject,
                    count,
                    tuple(examples or ()),
                ),
            )
    missing = missing_guards()
    lines.append(
        AuditLine(
            "I10",
            _("نگهبان‌های پایگاه داده که جلوی دست‌کاری را می‌گیرند سر جایشان روشن‌اند."),
            "pg_trigger",
            len(missing),
            tuple(missing[:EXAMPLES_MAX]),
        ),
    )
    return sorted(lines, key=lambda line: int(line.code[1:]))


def missing_guards() -> list[str]:
    """Triggers and named constraints that should protect the ledger but are gone or switched off.

    As "table.name"; three quick statements.
    """
    expected = {(table, name) for table, names in GUARDS.items() for name in names}
    for model in (Bank, Account, Transfer, Entry):
        options = model._meta  # noqa: SLF001 - documented by Django as public
        expected |= {(options.db_table, constraint.name) for constraint in options.constraints}
    tables = list(GUARDS)
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS, [tables])
        present = set(cursor.fetchall())
        cursor.execute(_CONSTRAINTS, [tables])
        present |= set(cursor.fetchall())
    return sorted(f"{table}.{name}" for table, name in expected - present)
