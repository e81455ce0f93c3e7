"""What a rule of test_tidy refuses and is right all the same, each with its reason.

By the rule's name, then by path, or by path and function.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_SWEEP: Final = "a move of nobody: the clock or an event of a lower room makes it"
_LATE: Final = "models exist only once the registry is ready"
_ORIGIN: Final = "the room service calls it when the volunteer answers; no role carries the verb"
_HANDLER: Final = "people.forget_person asks the actor, then calls every room's handler in turn"
_DELIVERY: Final = "the system delivers by itself, to nobody's eyes"
_SPEAKER: Final = "the action of the room that speaks asked the actor and wrote the Event"
_BEFORE_LOG_IN: Final = "who acts is what log-in is about to find out"
_SEALING: Final = "only people and access import the vault (a contract), and they ask the actor"

EXCUSED: Final[Mapping[str, Mapping[str, str]]] = {
    "imports_stand_at_the_top": {
        "salam/access/apps.py": _LATE,
        "salam/cases/apps.py": _LATE,
        "salam/matching/apps.py": _LATE,
        "salam/messaging/apps.py": _LATE,
        "salam/needs/apps.py": _LATE,
        "salam/organizations/apps.py": _LATE,
        "salam/people/apps.py": _LATE,
        "salam/service/apps.py": _LATE,
        "salam/timebank/apps.py": _LATE,
    },
    "actions_take_an_actor": {
        "salam/access/actions/contacts.py::contact_for_delivery": _DELIVERY,
        "salam/access/actions/contacts.py::count_delivery": _DELIVERY,
        "salam/access/actions/contacts.py::give_contact_grant": _ORIGIN,
        "salam/access/actions/contacts.py::withdraw_contact_grants": _ORIGIN,
        "salam/access/actions/forgetting.py::forget": _HANDLER,
        "salam/access/actions/logins.py::check_pin": _BEFORE_LOG_IN,
        "salam/access/actions/logins.py::login_for_person": _BEFORE_LOG_IN,
        "salam/access/actions/logins.py::login_for_phone": _BEFORE_LOG_IN,
        "salam/messaging/actions/codes.py::send_code": _DELIVERY,
        "salam/messaging/actions/delivering.py::deliver_waiting": _DELIVERY,
        "salam/messaging/actions/forgetting.py::forget": _HANDLER,
        "salam/cases/actions/moving.py::escalate_overdue": _SWEEP,
        "salam/messaging/actions/reporting.py::collect_reports": _SWEEP,
        "salam/matching/actions/releasing.py::carry_on_releases": _SWEEP,
        "salam/matching/actions/renewing.py::note_changes": _SWEEP,
        "salam/matching/actions/renewing.py::renew_touched": _SWEEP,
        "salam/matching/actions/running.py::carry_on_requested": _SWEEP,
        "salam/matching/actions/shelving.py::refresh_words": _SWEEP,
        "salam/messaging/actions/queueing.py::queue_message": _SPEAKER,
        "salam/messaging/actions/queueing.py::queue_messages": _SPEAKER,
        "salam/needs/actions/closing.py::forget": _HANDLER,
        "salam/organizations/actions/members.py::forget": _HANDLER,
        "salam/people/actions/intake.py::check_intake": "looks at what was typed, writes nothing",
        "salam/people/vault/actions.py::ensure_key": "writes a key file, no table",
        "salam/people/vault/actions.py::erase_entries": _SEALING,
        "salam/people/vault/actions.py::replace_entry": _SEALING,
        "salam/people/vault/actions.py::store_entries": _SEALING,
        "salam/service/actions/answering.py::expire_offers": _SWEEP,
        "salam/needs/actions/closing.py::close_passed_needs": _SWEEP,
        "salam/service/actions/ending.py::lapse_assignments": _SWEEP,
        "salam/service/actions/following.py::follow_events": _SWEEP,
    },
    "positional_parameters_are_few": {
        "salam/web/accounts/adapter.py::add_message": "allauth calls it so",
    },
    "rooms_are_asked_by_keyword": {
        "salam/access/actions/forgetting.py::forget": _HANDLER,
        "salam/messaging/actions/forgetting.py::forget": _HANDLER,
        "salam/needs/actions/closing.py::forget": _HANDLER,
        "salam/organizations/actions/members.py::forget": _HANDLER,
    },
}
