"""What an organisation is called and whether it may act."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor, require
from salam.core.errors import DomainError, PermissionRefused
from salam.core.events import record_event
from salam.core.text import clean_name, fold, sort_key
from salam.core.verbs import Verb
from salam.organizations.actions.creating import NAME_LENGTH_MAX, SORT_KEY_LENGTH_MAX
from salam.organizations.enums import OrganizationStatus
from salam.organizations.models import Organization
from salam.organizations.permissions import edit_verb, scope_of


class OrganizationClosed(DomainError):
    code = "organization_closed"

    def __init__(self) -> None:
        super().__init__(_("این سازمان بسته شده است؛ برای کار دوباره، از نو ثبتش کنید."))


def set_status(
    *,
    actor: Actor,
    organization_id: int,
    status: OrganizationStatus,
    now: datetime,
) -> Organization:
    """Suspend, lapse, close or reinstate an organisation; writes an Event when the status changes.

    Takes effect at once everywhere, since every room reads the status at the time of use. A closed
    organisation stays closed: its grants must not come back to life. Raises OrganizationClosed,
    PermissionRefused.
    """
    del now  # the Event carries the instant
    with transaction.atomic():
        organization = locked_organization(organization_id=organization_id)
        require(actor, Verb.ORGANIZATION_SUSPEND, scope_of(organization=organization))
        if organization.status == status:
            return organization
        if organization.status == OrganizationStatus.CLOSED:
            raise OrganizationClosed
        before = organization.status
        organization.status = status
        organization.save(update_fields=["status"])
        record_event(
            kind="organizations.status_set",
            subject_type="organizations.Organization",
            subject_id=organization.pk,
            actor_id=actor.person_id,
            payload={"before": before, "after": status.value},
        )
    return organization


def rename(*, actor: Actor, organization_id: int, name: str) -> Organization:
    """Give an organisation or group another name; writes an Event.

    Raises InvalidInput, PermissionRefused.
    """
    with transaction.atomic():
        organization = locked_organization(organization_id=organization_id)
        verb = edit_verb(kind=organization.kind)
        require(actor, verb, scope_of(organization=organization))
        cleaned = clean_name(name, label=_("نام"), length_max=NAME_LENGTH_MAX)
        if cleaned == organization.name:
            return organization
        organization.name = cleaned
        organization.name_folded = fold(cleaned)
        organization.sort_key = sort_key(cleaned)[:SORT_KEY_LENGTH_MAX]
        organization.save(update_fields=["name", "name_folded", "sort_key"])
        record_event(
            kind="organizations.organization_renamed",
            subject_type="organizations.Organization",
            subject_id=organization.pk,
            actor_id=actor.person_id,
        )
    return organization


def locked_organization(*, organization_id: int) -> Organization:
    """The row with its place, locked until the transaction ends.

    Grants may still point at it meanwhile.

    Raises PermissionRefused.
    """
    organization = (
        Organization.objects.select_for_update(of=("self",), no_key=True)
        .select_related("place")
        .filter(pk=organization_id)
        .first()
    )
    if organization is None:
        raise PermissionRefused
    return organization
