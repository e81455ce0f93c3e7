"""Ways out of the system: small adapters behind one protocol, chosen by SALAM_SMS_GATEWAY."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.conf import settings

from salam.messaging.gateways.console import ConsoleGateway
from salam.messaging.gateways.file import FileGateway
from salam.messaging.gateways.http import HttpGateway
from salam.messaging.gateways.kavenegar import KAVENEGAR_URL, KavenegarGateway
from salam.messaging.gateways.protocol import (
    REPORTS_MAX,
    Gateway,
    GatewayFailed,
    Receipt,
    Report,
    ReportingGateway,
)


def _http() -> Gateway:
    return HttpGateway(
        url=settings.SALAM_SMS_URL,
        method=settings.SALAM_SMS_METHOD,
        headers=settings.SALAM_SMS_HEADERS,
        body=settings.SALAM_SMS_BODY,
        accepted=settings.SALAM_SMS_ACCEPTED,
        key=settings.SALAM_SMS_KEY,
        sender=settings.SALAM_SMS_SENDER,
        seconds=settings.SALAM_SMS_SECONDS,
    )


def _kavenegar() -> Gateway:
    return KavenegarGateway(
        key=settings.SALAM_SMS_KEY,
        sender=settings.SALAM_SMS_SENDER,
        seconds=settings.SALAM_SMS_SECONDS,
        url=settings.SALAM_SMS_URL or KAVENEGAR_URL,
    )


GATEWAYS: Final[Mapping[str, Callable[[], Gateway]]] = {
    "console": ConsoleGateway,
    "file": lambda: FileGateway(path=settings.SALAM_HOME / "outbox" / "sms.jsonl"),
    "http": _http,
    "kavenegar": _kavenegar,
}


def chosen_gateway() -> Gateway:
    """The gateway of this installation. Raises ImproperlyConfigured."""
    return GATEWAYS[settings.SALAM_SMS_GATEWAY]()


__all__ = [
    "GATEWAYS",
    "REPORTS_MAX",
    "Gateway",
    "GatewayFailed",
    "Receipt",
    "Report",
    "ReportingGateway",
    "chosen_gateway",
]
