"""What every gateway promises."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

# A gateway that has not answered by then has failed; what a batch may take is reckoned with it.
ANSWER_SECONDS_MAX: Final = 10
# About so many messages a provider is asked at once.
REPORTS_MAX: Final = 100

# After these the provider may have taken the message all the same.
_UNSURE: Final = frozenset({"timeout", "broken", "garbage", "not_accepted"})

_REFERENCE: Final = re.compile(r"[!-~]{1,64}")
# Numbers differ in how they begin (+98…, 0098…, 0…), not in how they end.
_OWN_DIGITS: Final = 9


@dataclass(frozen=True)
class Receipt:
    """That a gateway took a message: its own number for it, at most 64 characters, no phone."""

    reference: str


class GatewayFailed(Exception):
    """A gateway did not take a message. The code is a word of ours, never the answer it gave."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def may_have_left(self) -> bool:
        """Whether the message may be on its way although the gateway failed."""
        return self.code in _UNSURE


class Gateway(Protocol):
    """Hands one text to one number, within ANSWER_SECONDS_MAX."""

    name: str
    reaches_people: bool
    """Whether somebody's telephone rings. People made up for a demo are never handed to such."""

    def send(self, *, phone: str, text: str) -> Receipt:
        """Hand over once, without trying again. Raises GatewayFailed."""


@dataclass(frozen=True)
class Report:
    """What finally became of a message; the code is a word of ours for why it did not arrive."""

    is_delivered: bool
    code: str = ""


@runtime_checkable
class ReportingGateway(Protocol):
    """A gateway that can be asked later what became of a message."""

    def reports(self, *, references: Sequence[str]) -> Mapping[str, Report]:
        """Final reports by reference, for at most REPORTS_MAX. Raises GatewayFailed."""


def clean_reference(*, reference: str, phone: str) -> str:
    """A provider's number for a message, fit to be kept; empty when it is not.

    Some use the telephone number itself, which must not come to lie in a table.
    """
    own = re.sub(r"\D", "", phone)[-_OWN_DIGITS:]
    is_fit = _REFERENCE.fullmatch(reference) and (
        not own or own not in re.sub(r"\D", "", reference)
    )
    return reference if is_fit else ""
