"""A worker in a process of its own: ``python -m tests.messaging.worker INSTANT [NTH]``.

Delivers whatever is due at the instant. With NTH it stops dead after the gateway's nth answer,
before that is written down, says so on standard output, and waits to be killed.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime

import django


def main() -> None:
    django.setup()
    from salam.messaging.actions import deliver_waiting
    from salam.messaging.gateways.kavenegar import KavenegarGateway
    from salam.messaging.gateways.protocol import Receipt
    from tests.messaging.stage import register

    register()
    stop_after = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    answers: list[Receipt] = []
    send = KavenegarGateway.send

    def send_and_stop(self: KavenegarGateway, *, phone: str, text: str) -> Receipt:
        answers.append(send(self, phone=phone, text=text))
        if len(answers) == stop_after:
            sys.stdout.write("answered\n")
            sys.stdout.flush()
            time.sleep(60)
        return answers[-1]

    KavenegarGateway.send = send_and_stop  # type: ignore[method-assign]
    while deliver_waiting(now=datetime.fromisoformat(sys.argv[1])):
        pass


if __name__ == "__main__":
    main()
