"""One person, one record: a duplicate becomes a redirect and nothing is lost."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.errors import InvalidInput
from salam.core.events import record_event
from salam.core.verbs import Verb
from salam.people.actions.consents import close_consent
from salam.people.enums import ConsentPurpose, VolunteerStatus
from salam.people.models import Facilitator, Person, VolunteerProfile
from salam.people.queries import last_word_by_purpose, records_of_person


def merge_people(*, actor: Actor, kept_id: int, duplicate_id: int, now: datetime) -> Person:
    """Point the duplicate at the record that is kept; returns the kept person. Writes an Event.

    Keys elsewhere are not rewritten: queries resolve the canonical person. The duplicate's profile
    stops being matched; a consent that one record withdrew after the other gave it ends on both.
    Raises InvalidInput for the same person, for a record that is a redirect or forgotten, and where
    only the duplicate is a volunteer or facilitator: that would be lost.
    """
    require(actor, Verb.PERSON_MERGE, Scope())
    if kept_id == duplicate_id:
        raise InvalidInput(_("این دو یک نفرند؛ چیزی برای یکی‌کردن نیست."))
    with transaction.atomic():
        people = {
            person.pk: person
            for person in Person.objects.select_for_update(no_key=True)
            .filter(pk__in=[kept_id, duplicate_id])
            .filter(merged_into__isnull=True, forgotten_at__isnull=True)
            .order_by("pk")
        }
        if len(people) != 2:
            raise InvalidInput(_("یکی از این دو نفر پیدا نشد یا پیش‌تر با دیگری یکی شده است."))
        _check_nothing_is_lost(kept_id, duplicate_id)
        duplicate = people[duplicate_id]
        duplicate.merged_into_id = kept_id
        duplicate.save(update_fields=["merged_into"])
        # Redirects stay one step long, so that resolving never walks.
        Person.objects.filter(merged_into_id=duplicate_id).update(merged_into_id=kept_id)
        VolunteerProfile.objects.filter(person_id=duplicate_id).update(
            status=VolunteerStatus.WITHDRAWN,
        )
        record_event(
            kind="people.person_merged",
            subject_type="people.Person",
            subject_id=kept_id,
            actor_id=actor.person_id,
            payload={"duplicate_id": duplicate_id},
        )
        _close_what_was_withdrawn(actor, people[kept_id], now)
    return people[kept_id]


def _close_what_was_withdrawn(actor: Actor, kept: Person, now: datetime) -> None:
    """The last word counts, whichever record it was said on."""
    agreed = last_word_by_purpose(person_ids=records_of_person(person_id=kept.pk))
    for purpose in sorted(purpose for purpose, is_agreed in agreed.items() if not is_agreed):
        close_consent(actor=actor, person=kept, purpose=ConsentPurpose(purpose), now=now)


def _check_nothing_is_lost(kept_id: int, duplicate_id: int) -> None:
    for model, what in ((VolunteerProfile, _("داوطلب")), (Facilitator, _("تسهیلگر"))):
        holders = set(
            model.objects.filter(person_id__in=[kept_id, duplicate_id]).values_list(
                "person_id",
                flat=True,
            ),
        )
        if holders == {duplicate_id}:
            raise InvalidInput(
                _("فقط رکورد دوم {what} است؛ آن را نگه دارید و اولی را به آن بسپارید.").format(
                    what=what
                )
            )
