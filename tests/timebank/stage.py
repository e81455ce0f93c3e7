"""An intermediary whose officer confirms hours, the people who served, and a pilot bank."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from salam.access.permissions import GrantedActor
from salam.access.queries import actor_for
from salam.core.actors import Actor
from salam.core.dates import local_day
from salam.people.models import Person
from salam.timebank.actions import (
    HoursCredit,
    PostedTransfer,
    post_service_hours,
    reverse_transfer,
)
from salam.timebank.actions.posting import Leg, NewTransfer, post_transfers
from salam.timebank.enums import BankKind, BankStage, HolderKind, TransferKind
from salam.timebank.models import Account, Bank, Entry
from tests.cast import NOW, Cast, make_cast

TODAY = local_day(NOW)


def new_credit(person: Person, minutes: int = 90, **changes: object) -> HoursCredit:
    values: dict[str, object] = {
        "key": uuid.uuid4(),
        "person_id": person.pk,
        "duration_minutes": minutes,
        "happened_on": TODAY,
    }
    return HoursCredit(**(values | changes))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Stage:
    cast: Cast

    @property
    def officer(self) -> GrantedActor:
        return actor_for(person_id=self.cast.officer.pk, at=NOW)

    @property
    def organization_id(self) -> int:
        return self.cast.offices.intermediary.pk

    def post(
        self,
        *batch: HoursCredit,
        actor: Actor | None = None,
        organization_id: int | None = None,
        at: datetime = NOW,
    ) -> list[PostedTransfer]:
        """The officer of the intermediary confirms, unless said otherwise."""
        return post_service_hours(
            actor=actor or self.officer,
            organization_id=organization_id or self.organization_id,
            credits=batch,
            now=at,
        )

    def reverse(
        self,
        transfer_id: int,
        *,
        actor: Actor | None = None,
        key: uuid.UUID | None = None,
        reason: str = "not_served",
    ) -> PostedTransfer:
        return reverse_transfer(
            actor=actor or self.officer,
            transfer_id=transfer_id,
            key=key or uuid.uuid4(),
            reason=reason,
            now=NOW,
        )


def make_stage() -> Stage:
    return Stage(make_cast())


def make_pilot(stage: BankStage = BankStage.ACTIVE) -> Bank:
    return Bank.objects.create(
        code="pilot_23",
        kind=BankKind.PILOT,
        name_fa="بانک زمان تهران",
        stage=stage,
        opened_at=NOW,
    )


def make_account(bank: Bank, person: Person, *, limit: int = 0) -> Account:
    return Account.objects.create(
        bank=bank,
        holder_kind=HolderKind.PERSON,
        person=person,
        province_code="23",
        overdraft_limit_minutes=limit,
    )


def pay(
    bank: Bank,
    legs: Sequence[tuple[Account, int]],
    *,
    key: uuid.UUID | None = None,
    body: str = "",
    happened_on: date = TODAY,
) -> PostedTransfer:
    """One transfer of a pilot, past the actions that pilots will bring."""
    with transaction.atomic():
        [posted] = post_transfers(
            bank_id=bank.pk,
            kind=TransferKind.SERVICE,
            transfers=[
                NewTransfer(
                    key=key or uuid.uuid4(),
                    body={"test": body},
                    happened_on=happened_on,
                    legs=[Leg(account.pk, minutes) for account, minutes in legs],
                ),
            ],
            actor_id=None,
            now=NOW,
        )
    return posted


def journal(account: Account) -> list[tuple[int, int, int]]:
    """Version, amount and balance of each entry of an account, in order."""
    return list(
        Entry.objects.filter(account=account)
        .order_by("version")
        .values_list("version", "amount_minutes", "balance_after"),
    )


def standing(person: Person | None = None, organization_id: int | None = None) -> tuple[int, int]:
    """Balance and version of the one account of a person or of an organisation."""
    accounts = Account.objects.filter(person=person, organization_id=organization_id)
    return accounts.values_list("balance_minutes", "version").get()
