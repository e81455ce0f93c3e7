"""Everything that changes who may do what and who sees contact data, re-exported here."""

from salam.access.actions.contacts import (
    contact_for_delivery,
    count_delivery,
    give_contact_grant,
    open_contact,
    withdraw_contact_grants,
)
from salam.access.actions.forgetting import forget
from salam.access.actions.grants import GrantNotPossible, give_grant, revoke_grant

__all__ = [
    "GrantNotPossible",
    "contact_for_delivery",
    "count_delivery",
    "forget",
    "give_contact_grant",
    "give_grant",
    "open_contact",
    "revoke_grant",
    "withdraw_contact_grants",
]
