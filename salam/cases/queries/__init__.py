"""Cases as offices and their openers see them."""

from salam.cases.queries.calendars import calendar_for
from salam.cases.queries.inbox import CaseTotals, cases_waiting_for, own_cases
from salam.cases.queries.single import CaseView, get_case_for

__all__ = [
    "CaseTotals",
    "CaseView",
    "calendar_for",
    "cases_waiting_for",
    "get_case_for",
    "own_cases",
]
