"""What can be done in the time bank."""

from salam.timebank.actions.banks import ensure_service_hours_bank
from salam.timebank.actions.hours import HoursCredit, post_service_hours
from salam.timebank.actions.posting import (
    AlreadyReversed,
    BankNotActive,
    InsufficientBalance,
    KeyUsedBefore,
    PostedTransfer,
)
from salam.timebank.actions.reversals import reverse_transfer

__all__ = [
    "AlreadyReversed",
    "BankNotActive",
    "HoursCredit",
    "InsufficientBalance",
    "KeyUsedBefore",
    "PostedTransfer",
    "ensure_service_hours_bank",
    "post_service_hours",
    "reverse_transfer",
]
