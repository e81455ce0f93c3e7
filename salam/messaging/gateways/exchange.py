"""One request to a provider and its answer, within bounds of time and size.

What goes wrong is told by a word of ours alone: an error of the library quotes the address, and
with some providers the key, the number and the text all stand in the address.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import urllib3
from django.core.exceptions import ImproperlyConfigured
from urllib3 import exceptions

from salam.messaging.gateways.protocol import GatewayFailed

ANSWER_BYTES_MAX: Final = 64 * 1024
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Question:
    """What is asked. Not shown when it is printed: it holds a number, a text and a key."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Answer:
    """Status and text, bytes that are no UTF-8 replaced. Not shown: it may repeat the question."""

    status: int
    text: str = field(repr=False)


def ask(*, question: Question, seconds: float) -> Answer:
    """The provider's answer, whatever its status.

    Raises GatewayFailed: "unreachable" when the request cannot have arrived, "timeout" and "broken"
    when it may have. The whole takes ``seconds`` at most, also where a name is resolved slowly or
    the answer comes drop by drop: no time limit of a socket covers these. The thread left behind
    ends by itself.
    """
    answers: list[Answer | GatewayFailed] = []

    def exchange() -> None:
        answers.append(_answer_or_failure(question, seconds))

    thread = threading.Thread(target=exchange, name="sms-gateway", daemon=True)
    thread.start()
    thread.join(seconds)
    if not answers:
        raise GatewayFailed("timeout")
    if isinstance(answers[0], GatewayFailed):
        raise answers[0]
    return answers[0]


def _answer_or_failure(question: Question, seconds: float) -> Answer | GatewayFailed:
    try:
        return _exchanged(question, seconds)
    except (exceptions.NewConnectionError, exceptions.ConnectTimeoutError):
        return GatewayFailed("unreachable")
    except exceptions.TimeoutError:
        return GatewayFailed("timeout")
    except (exceptions.HTTPError, OSError, ValueError):
        return GatewayFailed("broken")


def _exchanged(question: Question, seconds: float) -> Answer:
    """A connection of its own each time: on one that is kept, a provider that answers twice would
    have its second answer taken for that to the next message.

    Nothing is tried again here and no other address followed: both would send a second time.
    """
    with urllib3.PoolManager(maxsize=1) as pool:
        response = pool.request(
            question.method,
            question.url,
            body=question.body,
            headers={**question.headers, "Connection": "close"},
            timeout=urllib3.Timeout(total=seconds),
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            content = response.read(ANSWER_BYTES_MAX + 1)
        finally:
            response.close()
    if len(content) > ANSWER_BYTES_MAX:
        raise ValueError("longer than any answer of a gateway")
    return Answer(status=response.status, text=content.decode("utf-8", errors="replace"))


def check_address(*, url: str) -> None:
    """Raise ImproperlyConfigured for an address over which numbers would travel in the open.

    The complaint does not repeat the address, since a key may stand in it.
    """
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.hostname:
        raise ImproperlyConfigured("SALAM_SMS_URL must start with https:// and name a host.")
