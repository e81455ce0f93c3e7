"""Everything that changes what we hold on people: one function per verb, re-exported here."""

from salam.people.actions.catalogue import load_catalogue, retire_skill
from salam.people.actions.consents import CONSENT_TEXT_VERSION, give_consent, withdraw_consent
from salam.people.actions.credentials import record_training, record_vetting
from salam.people.actions.facilitators import register_facilitator, set_facilitator_places
from salam.people.actions.forgetting import forget_person
from salam.people.actions.importing import ImportReport, import_volunteers
from salam.people.actions.intake import VolunteerIntake, check_intake
from salam.people.actions.merging import merge_people
from salam.people.actions.profile import (
    NotAVolunteer,
    ProfileChange,
    set_availability,
    update_profile,
)
from salam.people.actions.registration import (
    IntakeOutcome,
    Registration,
    register_volunteers,
)
from salam.people.vault.actions import ensure_key as ensure_vault_key

__all__ = [
    "CONSENT_TEXT_VERSION",
    "ImportReport",
    "IntakeOutcome",
    "NotAVolunteer",
    "ProfileChange",
    "Registration",
    "VolunteerIntake",
    "check_intake",
    "ensure_vault_key",
    "forget_person",
    "give_consent",
    "import_volunteers",
    "load_catalogue",
    "merge_people",
    "record_training",
    "record_vetting",
    "register_facilitator",
    "register_volunteers",
    "retire_skill",
    "set_availability",
    "set_facilitator_places",
    "update_profile",
    "withdraw_consent",
]
