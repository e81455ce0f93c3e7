"""Hours of a person, an organisation and a bank; always whole minutes, summed from entries.

A person's hours are read over all records of the person: merging rewrites no account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from salam.core.actors import Actor
from salam.core.errors import PermissionRefused
from salam.people.queries import canonical_person_id, records_of_person
from salam.timebank.enums import TransferKind
from salam.timebank.models import SERVICE_HOURS_CODE, Entry, Transfer

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

_SERVICE = Q(transfer__kind=TransferKind.SERVICE)
_REVERSAL = Q(transfer__kind=TransferKind.REVERSAL)


@dataclass(frozen=True)
class PersonHours:
    """What a person gave. ``given_minutes`` never falls: what was taken back is told apart."""

    given_minutes: int
    reversed_minutes: int
    balance_minutes: int
    entry_count: int


@dataclass(frozen=True)
class OrganizationHours:
    """What people gave through an organisation; ``person_count`` counts those with any hours."""

    given_minutes: int
    reversed_minutes: int
    transfer_count: int
    person_count: int

    @property
    def net_minutes(self) -> int:
        return self.given_minutes - self.reversed_minutes


@dataclass(frozen=True)
class BankTotals:
    """What a bank recorded: minutes given and taken back, and by how many transfers."""

    given_minutes: int
    reversed_minutes: int
    transfer_count: int

    @property
    def net_minutes(self) -> int:
        return self.given_minutes - self.reversed_minutes


class StatementRow(TypedDict):
    """What an entry of a statement carries beside its own columns and its transfer."""

    organization_name: str | None
    is_reversed: bool


def person_hours(*, person_id: int) -> PersonHours:
    """The hours of a person in the bank of service hours, all records together."""
    sums = _entries_of(person_id).aggregate(
        given=_minutes(_SERVICE),
        taken=_minutes(_REVERSAL),
        balance=Coalesce(Sum("amount_minutes"), 0),
        count=Count("pk"),
    )
    return PersonHours(sums["given"], -sums["taken"], sums["balance"], sums["count"])


def statement_for(
    *,
    actor: Actor,
    person_id: int,
) -> QuerySet[WithAnnotations[Entry, StatementRow]]:
    """A person's own entries, newest first, for paging; nobody else's. Raises PermissionRefused.

    Each entry comes with its ``transfer`` (happened_on, kind, recorded_at, key, reason), the name
    of the organisation and whether it was reversed; one query for any number of rows.
    """
    own = actor.person_id
    if own is None or canonical_person_id(person_id=own) != canonical_person_id(
        person_id=person_id,
    ):
        raise PermissionRefused
    return _with_context(_entries_of(person_id)).order_by("-transfer__recorded_at", "-pk")


def organization_hours(*, organization_id: int) -> OrganizationHours:
    """What people gave through an organisation, in the bank of service hours; one query."""
    sums = Entry.objects.filter(
        account__person__isnull=False,
        account__bank__code=SERVICE_HOURS_CODE,
        transfer__in=Entry.objects.filter(account__organization_id=organization_id)
        .order_by()
        .values("transfer"),
    ).aggregate(
        given=_minutes(_SERVICE),
        taken=_minutes(_REVERSAL),
        transfers=Count("transfer", distinct=True),
        people=Count(Coalesce("account__person__merged_into", "account__person"), distinct=True),
    )
    return OrganizationHours(sums["given"], -sums["taken"], sums["transfers"], sums["people"])


def bank_totals(*, bank_code: str = SERVICE_HOURS_CODE) -> BankTotals:
    """What a bank recorded; all zero for one that is not there. One query."""
    sums = Entry.objects.filter(transfer__bank__code=bank_code).aggregate(
        given=_minutes(_SERVICE & Q(amount_minutes__gt=0)),
        taken=_minutes(_REVERSAL & Q(amount_minutes__lt=0)),
        transfers=Count("transfer", distinct=True),
    )
    return BankTotals(sums["given"], -sums["taken"], sums["transfers"])


def held_on_person(*, person_id: int) -> Mapping[str, object]:
    """What the room holds on a person: the own entries, and when the person posted for others."""
    records = records_of_person(person_id=person_id)
    entries = _with_context(Entry.objects.filter(account__person_id__in=records))
    return {
        "hours": list(
            entries.order_by("transfer__recorded_at", "pk").values(
                "amount_minutes",
                "balance_after",
                "organization_name",
                bank=F("account__bank__name_fa"),
                kind=F("transfer__kind"),
                reason=F("transfer__reason"),
                happened_on=F("transfer__happened_on"),
                recorded_at=F("transfer__recorded_at"),
                key=F("transfer__key"),
            ),
        ),
        "posted_by_me": list(
            Transfer.objects.filter(actor_id__in=records)
            .order_by("recorded_at", "pk")
            .values("kind", "happened_on", "recorded_at"),
        ),
    }


def _entries_of(person_id: int) -> QuerySet[Entry]:
    return Entry.objects.filter(
        account__person_id__in=records_of_person(person_id=person_id),
        account__bank__code=SERVICE_HOURS_CODE,
    )


def _with_context(entries: QuerySet[Entry]) -> QuerySet[WithAnnotations[Entry, StatementRow]]:
    other = Entry.objects.filter(
        transfer=OuterRef("transfer"), account__organization__isnull=False
    ).order_by("pk")
    reversal = Transfer.objects.filter(reverses=OuterRef("transfer"))
    return entries.select_related("transfer").annotate(
        organization_name=Subquery(other.values("account__organization__name")[:1]),
        is_reversed=Exists(reversal),
    )


def _minutes(condition: Q) -> Coalesce:
    return Coalesce(Sum("amount_minutes", filter=condition), 0)
