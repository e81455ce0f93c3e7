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
from salam.access.actions.logins import (
    PinLocked,
    PinNeeded,
    PinRefused,
    check_pin,
    end_sessions,
    give_login,
    login_for_person,
    login_for_phone,
    remove_pin,
    reset_pin,
    reset_second_factor,
    set_pin,
)

__all__ = [
    "GrantNotPossible",
    "PinLocked",
    "PinNeeded",
    "PinRefused",
    "check_pin",
    "contact_for_delivery",
    "count_delivery",
    "end_sessions",
    "forget",
    "give_contact_grant",
    "give_grant",
    "give_login",
    "login_for_person",
    "login_for_phone",
    "open_contact",
    "remove_pin",
    "reset_pin",
    "reset_second_factor",
    "revoke_grant",
    "set_pin",
    "withdraw_contact_grants",
]
