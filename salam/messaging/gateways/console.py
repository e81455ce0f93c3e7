"""A gateway for work on Salam: the message stands in the terminal."""

from __future__ import annotations

import sys
import uuid

from salam.messaging.gateways.protocol import Receipt


class ConsoleGateway:
    """Writes to standard error. Reaches nobody."""

    name = "console"
    reaches_people = False

    def send(self, *, phone: str, text: str) -> Receipt:
        """Print the message, marked as not sent."""
        sys.stderr.write(f"[SMS, not sent] {phone}\n{text}\n")
        return Receipt(reference=uuid.uuid4().hex)
