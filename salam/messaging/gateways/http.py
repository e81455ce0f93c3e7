"""A gateway for any provider that takes one message in one HTTP request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from string import Template
from typing import Final
from urllib.parse import quote, quote_plus

from django.core.exceptions import ImproperlyConfigured

from salam.messaging.gateways.exchange import Question, ask, check_address
from salam.messaging.gateways.protocol import GatewayFailed, Receipt, clean_reference

_BUSY_STATUSES: Final = frozenset({408, 425, 429})
_ACCOUNT_STATUSES: Final = frozenset({401, 402, 403, 407})


class HttpGateway:
    """Fills ``$phone``, ``$text``, ``$key`` and ``$sender`` into address, headers and body.

    ``accepted`` is a regular expression: an answer with a status of 200 to 299 in which it is found
    means that the message was taken, and its group ``reference``, if it has one, is the provider's
    number for it. What is filled in is escaped as the place demands: in the address and in a form
    for a URL, in JSON as a string of it. Raises ImproperlyConfigured.
    """

    name = "http"
    reaches_people = True

    def __init__(
        self,
        *,
        url: str,
        method: str,
        headers: Mapping[str, str],
        body: str,
        accepted: str,
        key: str,
        sender: str,
        seconds: float,
    ) -> None:
        check_address(url=url)
        if not accepted:
            # Many providers answer 200 to what they refuse: a status alone proves nothing.
            raise ImproperlyConfigured("SALAM_SMS_ACCEPTED must say what an accepted answer holds.")
        try:
            self._accepted = re.compile(accepted)
        except re.error:
            raise ImproperlyConfigured("SALAM_SMS_ACCEPTED is no regular expression.") from None
        self._url, self._body = Template(url), Template(body)
        self._headers = {name: Template(value) for name, value in headers.items()}
        self._method, self._seconds = method, seconds
        self._known = {"key": key, "sender": sender}
        self._in_body = _escape_for(headers)
        self._question(phone="", text="")  # a template that cannot be filled stops the start

    def send(self, *, phone: str, text: str) -> Receipt:
        """Ask once. Raises GatewayFailed: "busy", "account", "refused", "not_accepted", and those
        of :func:`salam.messaging.gateways.exchange.ask`.
        """
        answer = ask(question=self._question(phone=phone, text=text), seconds=self._seconds)
        if answer.status >= 500 or answer.status in _BUSY_STATUSES:
            raise GatewayFailed("busy")
        if answer.status in _ACCOUNT_STATUSES:
            raise GatewayFailed("account")
        if not 200 <= answer.status < 300:
            raise GatewayFailed("refused")
        found = self._accepted.search(answer.text)
        if found is None:
            raise GatewayFailed("not_accepted")
        reference = found.groupdict().get("reference") or ""
        return Receipt(reference=clean_reference(reference=reference, phone=phone))

    def _question(self, *, phone: str, text: str) -> Question:
        values = {**self._known, "phone": phone, "text": text}
        try:
            body = _filled(self._body, values, self._in_body)
            return Question(
                method=self._method,
                url=_filled(self._url, values, _in_address),
                headers={
                    name: _filled(value, values, _in_header)
                    for name, value in self._headers.items()
                },
                body=body.encode() if body else None,
            )
        except (KeyError, ValueError):
            raise ImproperlyConfigured(
                "SALAM_SMS_URL, SALAM_SMS_HEADERS and SALAM_SMS_BODY may hold $phone, $text, $key "
                "and $sender; a dollar sign itself is written $$.",
            ) from None


def _filled(template: Template, values: Mapping[str, str], escape: Callable[[str], str]) -> str:
    return template.substitute({name: escape(value) for name, value in values.items()})


def _escape_for(headers: Mapping[str, str]) -> Callable[[str], str]:
    types = [value for name, value in headers.items() if name.lower() == "content-type"]
    return _in_json if types and "json" in types[0].lower() else quote_plus


def _in_address(value: str) -> str:
    return quote(value, safe="")


def _in_json(value: str) -> str:
    return json.dumps(value)[1:-1]


def _in_header(value: str) -> str:
    """Headers hold Latin letters only; a text or a line break has no place there."""
    return "".join(letter for letter in value if " " <= letter <= "~")
