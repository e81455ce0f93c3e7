"""Crediting people with the hours that they served."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.dates import local_day
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.events import NewEvent, record_events
from salam.core.quantities import grouped
from salam.core.verbs import Verb
from salam.organizations.models import Organization
from salam.people.models import Person
from salam.timebank.actions.banks import (
    account_of_organization,
    accounts_of_people,
    service_hours_bank,
)
from salam.timebank.actions.posting import Leg, NewTransfer, PostedTransfer, post_transfers
from salam.timebank.enums import TransferKind
from salam.timebank.models import Bank

# One credit is for one day: nobody serves longer than a day lasts.
DURATION_MINUTES_MAX: Final = 24 * 60
# Late papers still count; older service belongs to a year whose reports are closed.
HAPPENED_BACK_MAX: Final = timedelta(days=366)
# The organisation's account stays locked while a batch is written.
CREDIT_COUNT_MAX: Final = 10_000

_ORIGIN: Final = re.compile(r"[a-z][a-z0-9_.:-]{0,63}")


@dataclass(frozen=True)
class HoursCredit:
    """So many minutes that a person served on a day.

    ``key`` is made by whoever asks, once for each credit: asking again with it changes nothing.
    ``origin`` is a code of the room that asks ("session:12"), never a text.
    """

    key: uuid.UUID
    person_id: int
    duration_minutes: int
    happened_on: date
    origin: str = ""


@dataclass(frozen=True)
class _Holder:
    person_id: int
    province_code: str


def post_service_hours(
    *,
    actor: Actor,
    organization_id: int,
    credits: Sequence[HoursCredit],  # noqa: A002 - the word of the ledger
    now: datetime,
) -> list[PostedTransfer]:
    """Credit people with hours served for an organisation, all or none; in the order given.

    Each credit is one transfer from the organisation's account, which has no limit, to the account
    of the record that the person lives on in. Accounts are opened when they are first needed.
    Writes an Event for each transfer that is new. Only the actor is asked, not the organisation's
    status: a suspended office's people have lost their roles (``access.queries.actor_for``), so its
    hours wait until the suspension ends, or until they are too old.

    May be called inside the caller's transaction, see ``post_transfers``. Raises PermissionRefused,
    InvalidInput for minutes, days or people that cannot be, and KeyUsedBefore.
    """
    require(actor, Verb.TRANSFER_POST, Scope(organization_id=organization_id))
    _check_credits(credits, local_day(now))
    with transaction.atomic():
        organization = Organization.objects.filter(pk=organization_id).first()
        if organization is None:
            raise PermissionRefused
        if not credits:
            return []
        bank = service_hours_bank(actor_id=actor.person_id, now=now)
        posted = post_transfers(
            bank_id=bank.pk,
            kind=TransferKind.SERVICE,
            transfers=_transfers(bank, organization, credits),
            actor_id=actor.person_id,
            now=now,
        )
        record_events(
            events=_events(organization_id, credits, posted),
            actor_id=actor.person_id,
        )
    return posted


def _check_credits(credits: Sequence[HoursCredit], today: date) -> None:  # noqa: A002
    if len(credits) > CREDIT_COUNT_MAX:
        raise InvalidInput(
            _("ساعت‌ها را در دسته‌های حداکثر {count} تایی بفرستید.").format(
                count=grouped(CREDIT_COUNT_MAX)
            ),
        )
    for credit in credits:
        if not 1 <= credit.duration_minutes <= DURATION_MINUTES_MAX:
            raise InvalidInput(_("مدت خدمت در یک روز باید از یک دقیقه تا ۲۴ ساعت باشد."))
        if credit.happened_on > today:
            raise InvalidInput(_("روز خدمت هنوز نرسیده است؛ تاریخ را دوباره ببینید."))
        if credit.happened_on < today - HAPPENED_BACK_MAX:
            raise InvalidInput(_("از روز خدمت بیش از یک سال گذشته است و دیگر ثبت نمی‌شود."))
        if credit.origin and not _ORIGIN.fullmatch(credit.origin):
            raise InvalidInput(_("منشأ ساعت‌ها باید یکی از کدهای سامانه باشد."))


def _holders(person_ids: Iterable[int]) -> Mapping[int, _Holder]:
    """By the id asked for, the record that the person lives on in, in one query.

    People are not locked: whoever is merged or forgotten at the same instant keeps the account, and
    hours are read over all records of a person. Raises InvalidInput for the unknown and forgotten.
    """
    wanted = set(person_ids)
    rows = Person.objects.filter(pk__in=wanted).values_list(
        "pk",
        "province_code",
        "forgotten_at",
        "merged_into_id",
        "merged_into__province_code",
        "merged_into__forgotten_at",
    )
    holders = {}
    for pk, province, forgotten_at, merged_into, merged_province, merged_forgotten_at in rows:
        if forgotten_at is None and merged_forgotten_at is None:
            lives_in = merged_into or pk
            holders[pk] = _Holder(lives_in, province if lives_in == pk else merged_province)
    if holders.keys() != wanted:
        raise InvalidInput(_("یکی از این افراد دیگر در سامانه نیست؛ فهرست را تازه کنید."))
    return holders


def _transfers(
    bank: Bank,
    organization: Organization,
    credits: Sequence[HoursCredit],  # noqa: A002
) -> list[NewTransfer]:
    holders = _holders(credit.person_id for credit in credits)
    payer = account_of_organization(bank=bank, organization=organization)
    accounts = accounts_of_people(
        bank=bank,
        provinces={one.person_id: one.province_code for one in holders.values()},
    )
    return [
        NewTransfer(
            key=credit.key,
            body=_body(organization.pk, credit),
            happened_on=credit.happened_on,
            origin=credit.origin,
            legs=(
                Leg(payer, -credit.duration_minutes),
                Leg(accounts[holders[credit.person_id].person_id], credit.duration_minutes),
            ),
        )
        for credit in credits
    ]


def _body(organization_id: int, credit: HoursCredit) -> dict[str, str | int]:
    """What was asked for, with the person as named: a merge between two tries changes nothing."""
    return {
        "kind": TransferKind.SERVICE.value,
        "organization_id": organization_id,
        "person_id": credit.person_id,
        "duration_minutes": credit.duration_minutes,
        "happened_on": credit.happened_on.isoformat(),
        "origin": credit.origin,
    }


def _events(
    organization_id: int,
    credits: Sequence[HoursCredit],  # noqa: A002
    posted: Sequence[PostedTransfer],
) -> Iterable[NewEvent]:
    told = set()
    for credit, transfer in zip(credits, posted, strict=True):
        if transfer.is_replayed or transfer.transfer_id in told:
            continue
        told.add(transfer.transfer_id)
        yield NewEvent(
            "timebank.hours_posted",
            "timebank.Transfer",
            transfer.transfer_id,
            {
                "organization_id": organization_id,
                "person_id": credit.person_id,
                "duration_minutes": credit.duration_minutes,
            },
        )
