from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from salam.organizations.enums import OrganizationKind
from salam.people.vault.enums import VaultKind
from salam.places.enums import PlaceKind


class Role(models.TextChoices):
    NATIONAL_HQ = "national_hq", _("ستاد کشوری")
    PROVINCIAL_HQ = "provincial_hq", _("ستاد استان")
    FACILITATOR = "facilitator", _("تسهیلگر")
    INTERMEDIARY_OFFICER = "intermediary_officer", _("کارشناس مؤسسهٔ واسط")
    CENTRE_MANAGER = "centre_manager", _("مدیر مرکز یا کانون")
    GROUP_LEADER = "group_leader", _("سرگروه")
    AGENCY_READER = "agency_reader", _("بینندهٔ دستگاه همکار")
    AGENCY_REPORTER = "agency_reporter", _("گزارشگر دستگاه همکار")


# The only roles that the database lets an agency's office hold: they carry aggregate verbs alone.
AGGREGATE_ROLES = (Role.AGENCY_READER, Role.AGENCY_REPORTER)

# These see one organisation's matters and nothing of a place: the scope is the office itself.
OWN_OFFICE_ROLES: Final = (Role.INTERMEDIARY_OFFICER, Role.GROUP_LEADER)

# The organisation's own staff, who have no reveal (mission, rule 1).
STAFF_ROLES: Final = (
    Role.NATIONAL_HQ,
    Role.PROVINCIAL_HQ,
    Role.FACILITATOR,
    Role.CENTRE_MANAGER,
)

# Who appoints headquarters holds the whole country.
HEADQUARTERS_ROLES: Final = (Role.NATIONAL_HQ, Role.PROVINCIAL_HQ)

# For which kinds of office a role can be held; the database refuses any other
# (grant_role_fits_office).
ROLE_OFFICES: Final[Mapping[Role, tuple[OrganizationKind, ...]]] = {
    Role.NATIONAL_HQ: (OrganizationKind.HEADQUARTERS,),
    Role.PROVINCIAL_HQ: (OrganizationKind.HEADQUARTERS,),
    Role.FACILITATOR: (
        OrganizationKind.HEADQUARTERS,
        OrganizationKind.CENTRE,
        OrganizationKind.HUB,
    ),
    Role.INTERMEDIARY_OFFICER: (OrganizationKind.INTERMEDIARY,),
    Role.CENTRE_MANAGER: (OrganizationKind.CENTRE, OrganizationKind.HUB),
    Role.GROUP_LEADER: (OrganizationKind.GROUP,),
    Role.AGENCY_READER: (OrganizationKind.AGENCY,),
    Role.AGENCY_REPORTER: (OrganizationKind.AGENCY,),
}

_BELOW_PROVINCE: Final = tuple(
    kind for kind in PlaceKind if kind not in {PlaceKind.COUNTRY, PlaceKind.PROVINCE}
)
# Over which kinds of place a role can be held; roles that are not here are held over their own
# office.
ROLE_PLACES: Final[Mapping[Role, tuple[PlaceKind, ...]]] = {
    Role.NATIONAL_HQ: (PlaceKind.COUNTRY,),
    Role.PROVINCIAL_HQ: (PlaceKind.PROVINCE,),
    Role.FACILITATOR: _BELOW_PROVINCE,
    Role.CENTRE_MANAGER: _BELOW_PROVINCE,
    Role.AGENCY_READER: tuple(PlaceKind),
    Role.AGENCY_REPORTER: tuple(PlaceKind),
}

# What an intermediary needs to call someone and to write the agreement (mission, M3). An address is
# never needed for that, and another identifier would tell a person's nationality, which is not
# collected (rule 5).
OPENABLE_FIELDS: Final = (VaultKind.PHONE, VaultKind.NATIONAL_ID)
