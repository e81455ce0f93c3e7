"""Everything that changes organisations and groups: one function per verb, re-exported here."""

from salam.organizations.actions.creating import (
    CreatedIntermediary,
    NewIntermediary,
    create_group,
    create_intermediaries,
    create_intermediary,
    create_organization,
)
from salam.organizations.actions.members import (
    AlreadyMember,
    GroupFull,
    add_member,
    end_membership,
    forget,
)
from salam.organizations.actions.standing import OrganizationClosed, rename, set_status

__all__ = [
    "AlreadyMember",
    "CreatedIntermediary",
    "GroupFull",
    "NewIntermediary",
    "OrganizationClosed",
    "add_member",
    "create_group",
    "create_intermediaries",
    "create_intermediary",
    "create_organization",
    "end_membership",
    "forget",
    "rename",
    "set_status",
]
