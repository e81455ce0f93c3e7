"""Writing transfers: the one call of the database function that every action of the room makes."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from salam.core.errors import DomainError, PermissionRefused
from salam.timebank.enums import TransferKind


class KeyUsedBefore(DomainError):
    """The key came before with another body."""

    code = "key_used_before"

    def __init__(self) -> None:
        super().__init__(
            _("این درخواست پیش‌تر با محتوای دیگری ثبت شده است؛ صفحه را تازه کنید و دوباره بفرستید."),
        )


class InsufficientBalance(DomainError):
    """An account would stand lower than its limit."""

    code = "insufficient_balance"

    def __init__(self) -> None:
        super().__init__(_("موجودی ساعت برای این کار کافی نیست."))


class BankNotActive(DomainError):
    """The bank is still being prepared, or closed."""

    code = "bank_not_active"

    def __init__(self) -> None:
        super().__init__(_("این بانک زمان اکنون فعال نیست؛ چیزی در آن ثبت نمی‌شود."))


class AlreadyReversed(DomainError):
    """Another reversal undid the transfer before."""

    code = "already_reversed"

    def __init__(self) -> None:
        super().__init__(_("این ساعت‌ها پیش‌تر برگشت خورده است."))


@dataclass(frozen=True)
class Leg:
    """What a transfer does to one account; minutes, signed."""

    account_id: int
    amount_minutes: int


@dataclass(frozen=True, kw_only=True)
class NewTransfer:
    """A transfer to be written. ``body`` is what the client asked for: it is hashed, not stored."""

    key: uuid.UUID
    body: Mapping[str, str | int]
    happened_on: date
    legs: Sequence[Leg]
    origin: str = ""
    reverses_id: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class PostedTransfer:
    """A transfer that stands in the journal.

    ``is_replayed``: the same request had been written before; nothing was written now.
    """

    key: uuid.UUID
    transfer_id: int
    is_replayed: bool


_POST: Final = """
    SELECT ordinal, transfer_id, is_replayed FROM timebank_post(
        %s, %s, %s, %s,
        %s::uuid[], %s::bytea[], %s::date[], %s::text[], %s::bigint[], %s::text[],
        %s::integer[], %s::bigint[], %s::integer[]
    ) ORDER BY ordinal
"""
# By SQLSTATE, then by constraint: each refusal has its own sentence, and what is not listed is a
# fault, never "insufficient balance".
_BY_STATE: Final[Mapping[str, type[DomainError]]] = {
    "TB001": KeyUsedBefore,
    "TB002": BankNotActive,
    "TB003": PermissionRefused,
}
_BY_CONSTRAINT: Final[Mapping[str, type[DomainError]]] = {
    "account_within_limit": InsufficientBalance,
    "timebank_transfer_reverses_id_key": AlreadyReversed,
}


def post_transfers(
    *,
    bank_id: int,
    kind: TransferKind,
    transfers: Sequence[NewTransfer],
    actor_id: int | None,
    now: datetime,
) -> list[PostedTransfer]:
    """Write transfers of one bank, all or none; returned in the order given.

    One call of ``timebank_post``, which locks the accounts in the order of their ids, updates each
    once and writes the entries, however many transfers there are. It relies on READ COMMITTED.
    Callers may be inside a transaction of their own: then the locks last until that one ends, and
    what a deadlock or a lost connection undoes is all of it. So nothing is tried again here; the
    keys make it safe for the outermost caller to do so. A key that comes twice is one transfer.
    Every caller has an atomic block of its own, which is what a refusal undoes.
    Raises KeyUsedBefore, InsufficientBalance, BankNotActive, AlreadyReversed, PermissionRefused.
    """
    hashes = {transfer.key: body_hash(transfer.body) for transfer in reversed(transfers)}
    if any(body_hash(transfer.body) != hashes[transfer.key] for transfer in transfers):
        raise KeyUsedBefore
    once = list({transfer.key: transfer for transfer in transfers}.values())
    legs = [(place, leg) for place, one in enumerate(once, start=1) for leg in one.legs]
    try:
        with transaction.atomic(savepoint=False), connection.cursor() as cursor:
            cursor.execute(
                _POST,
                [
                    bank_id,
                    kind.value,
                    now,
                    actor_id,
                    [one.key for one in once],
                    [hashes[one.key] for one in once],
                    [one.happened_on for one in once],
                    [one.origin for one in once],
                    [one.reverses_id for one in once],
                    [one.reason for one in once],
                    [place for place, _leg in legs],
                    [leg.account_id for _place, leg in legs],
                    [leg.amount_minutes for _place, leg in legs],
                ],
            )
            rows = cursor.fetchall()
    except DatabaseError as error:
        refusal = _refusal_of(error)
        if refusal is None:
            raise
        raise refusal from None
    written = {
        once[place - 1].key: PostedTransfer(once[place - 1].key, transfer_id, is_replayed)
        for place, transfer_id, is_replayed in rows
    }
    return [written[transfer.key] for transfer in transfers]


def body_hash(body: Mapping[str, str | int]) -> bytes:
    """SHA-256 of the body written in one way only: keys in order, no spaces, UTF-8."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).digest()


def _refusal_of(error: DatabaseError) -> DomainError | None:
    diagnosis = getattr(error.__cause__, "diag", None)
    by_state = _BY_STATE.get(getattr(diagnosis, "sqlstate", None) or "")
    by_constraint = _BY_CONSTRAINT.get(getattr(diagnosis, "constraint_name", None) or "")
    refusal = by_state or by_constraint
    return refusal() if refusal is not None else None  # type: ignore[call-arg]
