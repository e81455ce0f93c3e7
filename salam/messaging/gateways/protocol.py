"""What every gateway promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

# A gateway that has not answered by then has failed; what a batch may take is reckoned with it.
ANSWER_SECONDS_MAX: Final = 10


@dataclass(frozen=True)
class Receipt:
    """That a gateway took a message: its own number for it, at most 64 characters, no phone."""

    reference: str


class GatewayFailed(Exception):
    """A gateway did not take a message. The code is a word of ours, never the answer it gave."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Gateway(Protocol):
    """Hands one text to one number, within ANSWER_SECONDS_MAX."""

    name: str
    reaches_people: bool
    """Whether somebody's telephone rings. People made up for a demo are never handed to such."""

    def send(self, *, phone: str, text: str) -> Receipt:
        """Hand over once, without trying again. Raises GatewayFailed."""
