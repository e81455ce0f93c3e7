"""Everything that changes needs: one function per verb, re-exported here."""

from salam.needs.actions.closing import NeedClosed, close_need, close_passed_needs, forget
from salam.needs.actions.opening import (
    NeedListed,
    NeedsRefused,
    NewLine,
    NewNeed,
    open_need,
    open_needs,
)

__all__ = [
    "NeedClosed",
    "NeedListed",
    "NeedsRefused",
    "NewLine",
    "NewNeed",
    "close_need",
    "close_passed_needs",
    "forget",
    "open_need",
    "open_needs",
]
