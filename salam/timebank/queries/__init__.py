"""Reading hours, and proving that the ledger is whole."""

from salam.timebank.queries.audit import AuditLine, audit, missing_guards
from salam.timebank.queries.hours import (
    BankTotals,
    OrganizationHours,
    PersonHours,
    StatementRow,
    bank_totals,
    held_on_person,
    organization_hours,
    person_hours,
    statement_for,
)

__all__ = [
    "AuditLine",
    "BankTotals",
    "OrganizationHours",
    "PersonHours",
    "StatementRow",
    "audit",
    "bank_totals",
    "held_on_person",
    "missing_guards",
    "organization_hours",
    "person_hours",
    "statement_for",
]
