"""Two real workers, and one that is killed between the gateway's answer and the commit."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from salam.messaging.actions import deliver_waiting, send_code
from salam.messaging.actions.delivering import LOST_AFTER
from salam.messaging.models import Message
from salam.messaging.queries import delivery_state
from tests.cast import NOW
from tests.messaging.provider import KEY, Provider, running
from tests.messaging.stage import RecordingGateway, queue_for, reachable

CHECKOUT = Path(__file__).resolve().parents[2]
COUNT = 30


@pytest.fixture
def start(transactional_db, vault, home: Path, settings) -> Callable[..., subprocess.Popen[str]]:
    """Start a worker on the test's own database, vault and provider."""
    known = connection.settings_dict
    address = f"postgresql:///{known['NAME']}?host={known['HOST']}&port={known['PORT']}"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "salam.config.settings",
        "DATABASE_URL": f"{address}&user={known['USER']}&password={known['PASSWORD']}",
        "SALAM_HOME": str(home),
        "SALAM_VAULT_KEY_FILE": str(settings.SALAM_VAULT_KEY_FILE),
        "SALAM_SMS_GATEWAY": "kavenegar",
        "SALAM_SMS_KEY": KEY,
    }

    def started(url: str, now: datetime, *stop_after: int) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.messaging.worker",
                now.isoformat(),
                *map(str, stop_after),
            ],
            cwd=CHECKOUT,
            env={**environment, "SALAM_SMS_URL": url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return started


def test_a_kill_after_the_answer_doubles_one_message_and_loses_none(start) -> None:
    for person in reachable(*range(COUNT)):
        queue_for(person)

    with running(Provider(answer=None)) as provider:
        victim = start(provider.url, NOW, 3)
        assert victim.stdout is not None
        assert victim.stdout.readline() == "answered\n"
        other = start(provider.url, NOW)
        said = other.communicate(timeout=60)
        assert other.returncode == 0, said
        victim.kill()
        said += victim.communicate(timeout=60)
        left = Message.objects.filter(status="sending").count()
        late = [start(provider.url, NOW + LOST_AFTER + timedelta(seconds=1)) for _ in range(2)]
        for worker in late:
            said += worker.communicate(timeout=60)
            assert worker.returncode == 0

    assert victim.returncode < 0
    times = Counter(one["receptor"] for one in provider.taken)
    assert sorted(times.values()) == [1] * (COUNT - 1) + [2]
    assert left == 18
    assert set(Message.objects.values_list("status", flat=True)) == {"sent"}
    assert Message.objects.filter(unsure_count=1).count() == 1
    assert delivery_state().unsure == 1
    assert "0912000" not in "".join(said)
    assert KEY not in "".join(said)


@pytest.mark.django_db(transaction=True)
def test_a_code_does_not_wait_behind_messages(vault, choose) -> None:
    """A worker hangs at the gateway with a full queue behind it; the code goes out meanwhile."""
    worker_hangs, may_go_on = threading.Event(), threading.Event()

    def hang(phone: str) -> None:
        if phone != "+989121234567":
            worker_hangs.set()
            may_go_on.wait(20)

    gateway = choose(RecordingGateway(before=hang))
    for person in reachable(*range(COUNT)):
        queue_for(person)

    def work() -> None:
        deliver_waiting(now=NOW)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        assert worker_hangs.wait(20)
        send_code(phone="+989121234567", code="402913", now=NOW)
        assert gateway.phones == ["+989121234567"]
    finally:
        may_go_on.set()
        worker.join()
