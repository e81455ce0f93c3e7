"""Ways out of the system: small adapters behind one protocol, chosen by SALAM_SMS_GATEWAY."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.conf import settings

from salam.messaging.gateways.console import ConsoleGateway
from salam.messaging.gateways.file import FileGateway
from salam.messaging.gateways.protocol import Gateway, GatewayFailed, Receipt

GATEWAYS: Final[Mapping[str, Callable[[], Gateway]]] = {
    "console": ConsoleGateway,
    "file": lambda: FileGateway(path=settings.SALAM_HOME / "outbox" / "sms.jsonl"),
}


def chosen_gateway() -> Gateway:
    """The gateway of this installation."""
    return GATEWAYS[settings.SALAM_SMS_GATEWAY]()


__all__ = ["GATEWAYS", "Gateway", "GatewayFailed", "Receipt", "chosen_gateway"]
