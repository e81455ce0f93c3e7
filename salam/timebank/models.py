"""Banks, accounts, transfers and their entries: whole minutes, written once.

The journal (Transfer, Entry) is append-only. What columns and named constraints cannot say is said
by the triggers in ``GUARDS``, made by migration 0002 and looked after by ``queries.audit``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.db.models import F, Func, IntegerField, Q
from django.db.models.lookups import Exact

from salam.organizations.models import Organization
from salam.people.models import Person
from salam.places.models import Place
from salam.timebank.enums import BankKind, BankStage, HolderKind, ReversalReason, TransferKind

SERVICE_HOURS_CODE: Final = "service_hours"

# Triggers by table. They are plain triggers rather than django-pgtrigger's: that library lets any
# session switch its triggers off by a setting, and asks for it, in a subtransaction, at each row.
GUARDS: Final[Mapping[str, tuple[str, ...]]] = {
    "timebank_bank": ("bank_keeps_kind",),
    "timebank_account": ("account_keeps_holder", "account_stands_at_last_entry"),
    "timebank_transfer": (
        "transfer_append_only",
        "transfer_no_truncate",
        "transfer_has_balanced_legs",
    ),
    "timebank_entry": ("entry_append_only", "entry_no_truncate", "entry_follows_entry"),
}


class Bank(models.Model):
    """A closed circle of accounts whose balances sum to zero."""

    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=16, choices=BankKind.choices)
    name_fa = models.CharField(max_length=120)
    stage = models.CharField(max_length=12, choices=BankStage.choices)
    place = models.ForeignKey(
        Place,
        models.PROTECT,
        null=True,
        related_name="+",
        db_comment="where a pilot runs; empty for the whole country",
    )
    province_code = models.CharField(max_length=2, blank=True)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="bank_code_once", fields=["code"]),
            models.CheckConstraint(name="bank_kind_known", condition=Q(kind__in=BankKind.values)),
            models.CheckConstraint(
                name="bank_stage_known", condition=Q(stage__in=BankStage.values)
            ),
            # The national bank only records what was served: nothing to prepare, nothing to close.
            models.CheckConstraint(
                name="bank_of_service_hours_national_and_active",
                condition=~Q(kind=BankKind.SERVICE_HOURS)
                | Q(code=SERVICE_HOURS_CODE, stage=BankStage.ACTIVE, place__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Account(models.Model):
    """Where one holder's hours stand in one bank. Balance and version change only with entries."""

    bank = models.ForeignKey(Bank, models.PROTECT, related_name="+", db_index=False)
    holder_kind = models.CharField(max_length=16, choices=HolderKind.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    place = models.ForeignKey(
        Place,
        models.PROTECT,
        null=True,
        related_name="+",
        db_comment="the neighbourhood of a community fund",
    )
    province_code = models.CharField(max_length=2, blank=True)
    balance_minutes = models.IntegerField(
        default=0, db_comment="signed; balance_after of the entry with the greatest version"
    )
    version = models.IntegerField(default=0, db_comment="how many entries the account has")
    is_unlimited = models.BooleanField(
        default=False, db_comment="institutions may stand below zero: that is no debt"
    )
    overdraft_limit_minutes = models.PositiveIntegerField(
        default=0, db_comment="how far below zero a limited account may stand"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="account_one_holder_as_kind_says",
                condition=Q(
                    holder_kind=HolderKind.PERSON,
                    person__isnull=False,
                    organization__isnull=True,
                    place__isnull=True,
                )
                | Q(
                    holder_kind=HolderKind.ORGANIZATION,
                    person__isnull=True,
                    organization__isnull=False,
                    place__isnull=True,
                )
                | Q(
                    holder_kind=HolderKind.COMMUNITY_FUND,
                    person__isnull=True,
                    organization__isnull=True,
                    place__isnull=False,
                ),
            ),
            models.UniqueConstraint(name="account_once_a_person", fields=["bank", "person"]),
            models.UniqueConstraint(
                name="account_once_an_organization", fields=["bank", "organization"]
            ),
            models.UniqueConstraint(name="account_once_a_place", fields=["bank", "place"]),
            models.CheckConstraint(
                name="account_within_limit",
                condition=Q(is_unlimited=True)
                | Q(balance_minutes__gte=0 - F("overdraft_limit_minutes")),
            ),
            models.CheckConstraint(
                name="account_version_not_negative", condition=Q(version__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.pk}"


class Transfer(models.Model):
    """One movement of hours in one bank, of two or more entries that sum to zero. Never changes."""

    key = models.UUIDField(db_comment="made by the client: the same key is the same transfer")
    body_hash = models.BinaryField(
        db_comment="SHA-256 of the canonical body that came with the key"
    )
    bank = models.ForeignKey(Bank, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=16, choices=TransferKind.choices)
    happened_on = models.DateField(db_comment="the day of service; a reversal bears the original's")
    recorded_at = models.DateTimeField()
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=24, choices=ReversalReason.choices, blank=True)
    actor = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        related_name="+",
        db_comment="who posted it; empty for the console",
    )
    origin = models.CharField(
        max_length=64, blank=True, db_comment="opaque: what the hours came of, such as a session"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="transfer_key_once", fields=["key"]),
            models.CheckConstraint(
                name="transfer_body_hash_32_bytes",
                condition=Exact(
                    Func(F("body_hash"), function="octet_length", output_field=IntegerField()), 32
                ),
            ),
            models.CheckConstraint(
                name="transfer_kind_known", condition=Q(kind__in=TransferKind.values)
            ),
            models.CheckConstraint(
                name="transfer_reversal_has_original_and_reason",
                condition=Q(
                    kind=TransferKind.REVERSAL,
                    reverses__isnull=False,
                    reason__in=ReversalReason.values,
                )
                | (~Q(kind=TransferKind.REVERSAL) & Q(reverses__isnull=True, reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Entry(models.Model):
    """One leg of a transfer: what it did to one account. Never changes."""

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="entries", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="entries", db_index=False)
    amount_minutes = models.IntegerField(db_comment="signed: what the account gained")
    version = models.IntegerField(db_comment="1, 2, 3 … within the account, without a gap")
    balance_after = models.IntegerField(db_comment="the account's minutes after this entry")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="entry_version_once", fields=["account", "version"]),
            models.UniqueConstraint(name="entry_account_once", fields=["transfer", "account"]),
            models.CheckConstraint(name="entry_amount_not_zero", condition=~Q(amount_minutes=0)),
            models.CheckConstraint(name="entry_version_positive", condition=Q(version__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minutes} on {self.account_id}"
