"""One-time codes: to a number that was typed a moment ago, at once, and kept nowhere."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from salam.access.actions import count_delivery
from salam.core.dates import local_day
from salam.core.errors import DomainError
from salam.core.identifiers import normalise_mobile
from salam.messaging.actions.counting import count_parts
from salam.messaging.gateways import GatewayFailed, chosen_gateway
from salam.messaging.parts import sms_parts
from salam.messaging.registry import CODE_TEMPLATE, render

_CODE: Final = re.compile(r"[0-9A-Z]{4,12}", re.ASCII)


class CodeNotSent(DomainError):
    code = "code_not_sent"

    def __init__(self) -> None:
        super().__init__(_("پیامک فرستاده نشد. چند دقیقهٔ دیگر دوباره کد بخواهید."))


def send_code(*, phone: str, code: str, now: datetime) -> None:
    """Hand a one-time code to the gateway at once; nothing is stored, the day's count grows by one.

    ``phone`` is what somebody typed, ``code`` 4 to 12 digits or capital letters. Raises
    InvalidInput for a number that is no mobile, CodeNotSent when the gateway fails, ValueError for
    a code of another form, and RuntimeError inside a transaction: a gateway may take seconds.
    """
    if not _CODE.fullmatch(code):
        raise ValueError("a one-time code has 4 to 12 digits or capital letters")
    mobile = normalise_mobile(phone)
    # Counted first, in a transaction that refuses to stand in another.
    count_delivery(purpose=CODE_TEMPLATE.purpose, day=local_day(now))
    try:
        text = render(template=CODE_TEMPLATE, values={"code": code})
        gateway = chosen_gateway()
        gateway.send(phone=mobile, text=text)
    except GatewayFailed:
        raise CodeNotSent from None
    count_parts(
        day=local_day(now),
        gateway=gateway.name,
        template=CODE_TEMPLATE.code,
        parts=sms_parts(text=text),
    )
