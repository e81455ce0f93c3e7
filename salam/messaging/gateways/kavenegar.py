"""Kavenegar, by its REST API (https://kavenegar.com/rest.html): sms/send and sms/status.

The provider's key stands in the address of every request, so no address is ever shown or logged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.core.exceptions import ImproperlyConfigured

from salam.messaging.gateways.exchange import Answer, Question, ask, check_address
from salam.messaging.gateways.protocol import (
    GatewayFailed,
    Receipt,
    Report,
    clean_reference,
)

KAVENEGAR_URL: Final = "https://api.kavenegar.com/v1"

_TAKEN: Final = 200
# Of the provider's codes for a request: whether the account, the credit or the number is at fault.
_CODES: Final[Mapping[int, str]] = {
    401: "account",
    402: "busy",
    403: "account",
    407: "account",
    409: "busy",
    411: "number",
    412: "account",
    416: "account",
    418: "credit",
    427: "account",
    429: "busy",
    451: "busy",
}
# Of its codes for a message; the others (in its queue, planned, with the operator) are not final.
_REPORTS: Final[Mapping[int, Report]] = {
    6: Report(is_delivered=False, code="operator"),
    10: Report(is_delivered=True),
    11: Report(is_delivered=False, code="not_reached"),
    13: Report(is_delivered=False, code="cancelled"),
    14: Report(is_delivered=False, code="blocked"),
    100: Report(is_delivered=False, code="unknown_there"),
}


class KavenegarGateway:
    """One message a request, from ``sender`` or the account's own line. ImproperlyConfigured."""

    name = "kavenegar"
    reaches_people = True

    def __init__(self, *, key: str, sender: str, seconds: float, url: str = KAVENEGAR_URL) -> None:
        check_address(url=url)
        if not key:
            raise ImproperlyConfigured("SALAM_SMS_KEY must be the key that Kavenegar gave.")
        self._root = f"{url.rstrip('/')}/{quote(key, safe='')}"
        self._sender, self._seconds = sender, seconds

    def send(self, *, phone: str, text: str) -> Receipt:
        """Ask once. Raises GatewayFailed: "busy", "account", "credit", "number", "refused",
        "garbage", and those of :func:`salam.messaging.gateways.exchange.ask`.
        """
        fields = {"receptor": _as_dialled(phone), "message": text}
        if self._sender:
            fields["sender"] = self._sender
        entries = self._entries("sms/send", fields)
        # Taken, says the answer as a whole; what became of it is asked later, under this number.
        reference = str(entries[0].get("messageid", "")) if entries else ""
        return Receipt(reference=clean_reference(reference=reference, phone=phone))

    def reports(self, *, references: Sequence[str]) -> Mapping[str, Report]:
        """What became of messages, at most REPORTS_MAX at once; those in between are left out.

        Raises GatewayFailed as :meth:`send` does.
        """
        found = {}
        for entry in self._entries("sms/status", {"messageid": ",".join(references)}):
            report = _REPORTS.get(_whole(entry.get("status")))
            reference = str(entry.get("messageid", ""))
            if report is not None and reference in references:
                found[reference] = report
        return found

    def _entries(self, method: str, fields: Mapping[str, str]) -> list[dict[str, Any]]:
        question = Question(
            method="POST",
            url=f"{self._root}/{method}.json",
            headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
            body=urlencode(fields).encode(),
        )
        return _entries_of(ask(question=question, seconds=self._seconds))


def _entries_of(answer: Answer) -> list[dict[str, Any]]:
    """The provider repeats its code in the answer; the status of HTTP alone may come from a proxy
    on the way.
    """
    try:
        told = json.loads(answer.text)
        code = _whole(told["return"]["status"])
        entries = told.get("entries") or []
    except (ValueError, TypeError, KeyError, AttributeError):
        raise GatewayFailed("busy" if answer.status >= 500 else "garbage") from None
    if code != _TAKEN:
        raise GatewayFailed(_CODES.get(code, "busy" if code >= 500 else "refused"))
    listed = entries if isinstance(entries, list) else [entries]
    return [entry for entry in listed if isinstance(entry, dict)]


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else -1


def _as_dialled(phone: str) -> str:
    """As people in Iran dial it: 0912… for +98912…, 00… for a number from abroad."""
    return f"0{phone[3:]}" if phone.startswith("+98") else phone.replace("+", "00", 1)
