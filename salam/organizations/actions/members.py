"""Who belongs to a community group."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from salam.core.actors import Actor, require
from salam.core.dates import TEHRAN
from salam.core.errors import DomainError, InvalidInput, PermissionRefused
from salam.core.events import record_event
from salam.core.text import shown_digits
from salam.core.verbs import Verb
from salam.organizations.actions.standing import locked_organization
from salam.organizations.enums import MEMBER_LIMITS, GroupKind
from salam.organizations.models import CommunityGroup, Membership, Organization
from salam.organizations.permissions import scope_of
from salam.organizations.queries import current_members, is_usable
from salam.people.enums import ConsentPurpose
from salam.people.models import Consent, Person
from salam.people.queries import canonical_person_id, records_of_person, requires_guardian


class AlreadyMember(DomainError):
    code = "already_member"

    def __init__(self) -> None:
        super().__init__(_("این فرد هم‌اکنون عضو گروه است."))


class GroupFull(DomainError):
    code = "group_full"

    def __init__(self, maximum: int) -> None:
        super().__init__(
            _("این گروه {maximum} عضو دارد و جا ندارد؛ گروه دیگری نزدیک خانه پیدا کنید.").format(
                maximum=shown_digits(maximum)
            ),
        )


def add_member(*, actor: Actor, organization_id: int, person_id: int, now: datetime) -> Membership:
    """Enter a person in a group from today; writes an Event.

    The organisation's row is locked, so the last seat goes to one person only. Raises
    AlreadyMember, GroupFull, InvalidInput (an inactive group, a minor without a guardian's
    consent), PermissionRefused.
    """
    today = _day_of(now)
    with transaction.atomic():
        organization, group = _locked_group(organization_id)
        require(actor, Verb.GROUP_EDIT, scope_of(organization=organization))
        if not is_usable(organization=organization):
            raise InvalidInput(_("این گروه اکنون فعال نیست و عضو نمی‌پذیرد."))
        person = _joinable_person(person_id, today)
        _check_seat(organization, GroupKind(group.kind), person)
        membership = Membership.objects.create(
            organization=organization,
            person=person,
            joined_on=today,
        )
        _record(actor, "organizations.member_added", membership)
    return membership


def end_membership(
    *,
    actor: Actor,
    organization_id: int,
    person_id: int,
    now: datetime,
) -> Membership:
    """End a person's membership today; people may leave by themselves. Writes an Event.

    Raises PermissionRefused, also when there is no such membership.
    """
    records = records_of_person(person_id=person_id)
    with transaction.atomic():
        organization, _members = _locked_group(organization_id)
        if actor.person_id not in records:
            require(actor, Verb.GROUP_EDIT, scope_of(organization=organization))
        membership = (
            current_members(organization_id=organization.pk).filter(person_id__in=records).first()
        )
        if membership is None:
            raise PermissionRefused
        membership.left_on = _day_of(now)
        membership.save(update_fields=["left_on"])
        _record(actor, "organizations.membership_ended", membership)
    return membership


def forget(person_id: int, now: datetime) -> None:
    """End the memberships of a person who is being forgotten.

    The rows stay, pointing at an empty shell.
    """
    Membership.objects.filter(
        person_id__in=records_of_person(person_id=person_id),
        left_on__isnull=True,
    ).update(left_on=Greatest("joined_on", Value(_day_of(now))))


def _locked_group(organization_id: int) -> tuple[Organization, CommunityGroup]:
    organization = locked_organization(organization_id=organization_id)
    group = CommunityGroup.objects.filter(organization=organization).first()
    if group is None:
        raise PermissionRefused
    return organization, group


def _joinable_person(person_id: int, today: date) -> Person:
    person = Person.objects.filter(
        pk=canonical_person_id(person_id=person_id),
        forgotten_at__isnull=True,
    ).first()
    if person is None:
        raise PermissionRefused
    if requires_guardian(birth_date=person.birth_date, on=today):
        consents = Consent.objects.filter(
            person=person,
            purpose=ConsentPurpose.GUARDIAN,
            withdrawn_at__isnull=True,
        )
        if not consents.exists():
            raise InvalidInput(_("برای عضویت نوجوان، نخست رضایت سرپرست را ثبت کنید."))
    return person


def _check_seat(organization: Organization, kind: GroupKind, person: Person) -> None:
    members = current_members(organization_id=organization.pk)
    records = records_of_person(person_id=person.pk)
    if members.filter(person_id__in=records).exists():
        raise AlreadyMember
    maximum = MEMBER_LIMITS[kind].maximum
    if maximum is not None and members.count() >= maximum:
        raise GroupFull(maximum)


def _day_of(now: datetime) -> date:
    return now.astimezone(TEHRAN).date()


def _record(actor: Actor, kind: str, membership: Membership) -> None:
    record_event(
        kind=kind,
        subject_type="organizations.Membership",
        subject_id=membership.pk,
        actor_id=actor.person_id,
        payload={
            "organization_id": membership.organization_id,
            "person_id": membership.person_id,
        },
    )
