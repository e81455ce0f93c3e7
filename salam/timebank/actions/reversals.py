"""Taking hours back by a new transfer: what was written stays."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor, require
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.events import record_event
from salam.core.verbs import Verb
from salam.timebank.actions.posting import Leg, NewTransfer, PostedTransfer, post_transfers
from salam.timebank.enums import ReversalReason, TransferKind
from salam.timebank.models import Entry, Transfer
from salam.timebank.permissions import scope_of_legs


def reverse_transfer(
    *,
    actor: Actor,
    transfer_id: int,
    key: uuid.UUID,
    reason: str,
    now: datetime,
) -> PostedTransfer:
    """Undo a transfer by its exact negation, once. Writes an Event.

    The reversal bears the day of the original, so that the two sum to nothing in any period; when
    it was recorded is told apart. The same key again gives the same reversal. What should stand
    instead is posted anew. May be called inside the caller's transaction. Raises PermissionRefused
    (the actor may not do this over the organisation that gave the hours), InvalidInput for a reason
    that is not in ReversalReason or a transfer that is a reversal itself, AlreadyReversed,
    KeyUsedBefore, and InsufficientBalance where the hours have been spent.
    """
    transfer = Transfer.objects.filter(pk=transfer_id).first()
    entries = list(
        Entry.objects.filter(transfer_id=transfer_id)
        .select_related("account__organization__place")
        .order_by("pk"),
    )
    if transfer is None or not entries:
        raise PermissionRefused
    require(actor, Verb.TRANSFER_REVERSE, scope_of_legs(entries=entries))
    if reason not in ReversalReason.values:
        raise InvalidInput(_("دلیل برگشت را از فهرست انتخاب کنید."))
    if transfer.reverses_id is not None:
        raise InvalidInput(_("برگشت را نمی‌شود برگرداند؛ ساعت‌های درست را تازه ثبت کنید."))
    with transaction.atomic():
        [posted] = post_transfers(
            bank_id=transfer.bank_id,
            kind=TransferKind.REVERSAL,
            transfers=[_negation(transfer, entries, key=key, reason=reason)],
            actor_id=actor.person_id,
            now=now,
        )
        if not posted.is_replayed:
            record_event(
                kind="timebank.transfer_reversed",
                subject_type="timebank.Transfer",
                subject_id=posted.transfer_id,
                actor_id=actor.person_id,
                payload={"reverses_id": transfer_id, "reason": str(reason)},
            )
    return posted


def _negation(
    transfer: Transfer,
    entries: Sequence[Entry],
    *,
    key: uuid.UUID,
    reason: str,
) -> NewTransfer:
    return NewTransfer(
        key=key,
        body={
            "kind": TransferKind.REVERSAL.value,
            "transfer_id": transfer.pk,
            "reason": str(reason),
        },
        happened_on=transfer.happened_on,
        origin=transfer.origin,
        reverses_id=transfer.pk,
        reason=str(reason),
        legs=[Leg(entry.account_id, -entry.amount_minutes) for entry in entries],
    )
