"""Which verb stands for which kind of organisation."""

from __future__ import annotations

from typing import Final

from salam.core.actors import Scope
from salam.core.verbs import Verb
from salam.organizations.enums import OrganizationKind
from salam.organizations.models import Organization

# Offices that others take orders from: only who may edit organisations in the whole country makes
# one.
NATIONAL_ONLY_KINDS: Final = frozenset(
    {OrganizationKind.HEADQUARTERS, OrganizationKind.DEPUTY_OFFICE}
)


def edit_verb(*, kind: str) -> Verb:
    """Groups are edited by those near them; every other kind by headquarters or its own officer."""
    return Verb.GROUP_EDIT if kind == OrganizationKind.GROUP else Verb.ORGANIZATION_EDIT


def scope_of(*, organization: Organization) -> Scope:
    """An organisation lies in a place and is itself a scope; ``place`` must be loaded.

    Offices that others take orders from are nobody's below: only the whole country reaches them.
    """
    if organization.kind in NATIONAL_ONLY_KINDS:
        return Scope()
    return Scope(place_path=organization.place.path, organization_id=organization.pk)
