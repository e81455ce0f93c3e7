"""Opening banks and accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction

from salam.core.actors import Actor, Scope, require
from salam.core.events import record_event
from salam.core.verbs import Verb
from salam.organizations.models import Organization
from salam.timebank.enums import BankKind, BankStage, HolderKind
from salam.timebank.models import SERVICE_HOURS_CODE, Account, Bank

_SERVICE_HOURS_NAME: Final = "بانک ساعت‌های خدمت"


def ensure_service_hours_bank(*, actor: Actor, now: datetime) -> Bank:
    """The national bank of service hours, opened when it is not there yet. Writes an Event then.

    Called whenever Salam starts (``commands.runtime.ready``); calling it again changes nothing.
    Raises PermissionRefused.
    """
    require(actor, Verb.BANK_OPEN, Scope())
    return service_hours_bank(actor_id=actor.person_id, now=now)


def service_hours_bank(*, actor_id: int | None, now: datetime) -> Bank:
    """The same without asking: whoever may post hours may find the bank there."""
    bank = Bank.objects.filter(code=SERVICE_HOURS_CODE).first()
    if bank is not None:
        return bank
    with transaction.atomic():
        bank, is_new = Bank.objects.get_or_create(
            code=SERVICE_HOURS_CODE,
            defaults={
                "kind": BankKind.SERVICE_HOURS,
                "stage": BankStage.ACTIVE,
                "name_fa": _SERVICE_HOURS_NAME,
                "opened_at": now,
            },
        )
        if is_new:
            record_event(
                kind="timebank.bank_opened",
                subject_type="timebank.Bank",
                subject_id=bank.pk,
                actor_id=actor_id,
                payload={"code": bank.code},
            )
    return bank


def accounts_of_people(*, bank: Bank, provinces: Mapping[int, str]) -> dict[int, int]:
    """Account id by person id, opened where there is none. ``provinces``: person id → code.

    New rows are written in the order of person ids, so that two calls for the same people wait in a
    line and not in a circle; whoever comes second finds the account of the first.
    """
    found = _people_found(bank, provinces)
    missing = sorted(provinces.keys() - found.keys())
    if missing:
        Account.objects.bulk_create(
            [
                Account(
                    bank=bank,
                    holder_kind=HolderKind.PERSON,
                    person_id=person_id,
                    province_code=provinces[person_id],
                )
                for person_id in missing
            ],
            ignore_conflicts=True,
        )
        found = _people_found(bank, provinces)
    return found


def account_of_organization(*, bank: Bank, organization: Organization) -> int:
    """The organisation's account id, opened when there is none.

    Without a limit: an institution's minus is the sum of what people gave through it, no debt.
    """
    accounts = Account.objects.filter(bank=bank, organization=organization)
    found = accounts.values_list("pk", flat=True).first()
    if found is None:
        Account.objects.bulk_create(
            [
                Account(
                    bank=bank,
                    holder_kind=HolderKind.ORGANIZATION,
                    organization=organization,
                    province_code=organization.province_code,
                    is_unlimited=True,
                ),
            ],
            ignore_conflicts=True,
        )
        found = accounts.values_list("pk", flat=True).get()
    return found


def _people_found(bank: Bank, people: Mapping[int, str]) -> dict[int, int]:
    accounts = Account.objects.filter(bank=bank, person_id__in=people)
    return dict(accounts.values_list("person_id", "pk"))
