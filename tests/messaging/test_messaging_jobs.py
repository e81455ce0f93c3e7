"""From an action's commit to the gateway, through a real worker."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app, connector_params
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.psycopg_connector import PsycopgConnector

from salam.messaging.actions import BATCH_MAX, DELIVERY_TASK, queue_messages
from salam.messaging.models import Message
from salam.messaging.tasks import deliver_messages
from tests.cast import NOW, make_person
from tests.messaging.stage import FILLED, PLAIN, lines_of, phone_of, reachable


@pytest.fixture(autouse=True)
def _no_jobs_left(transactional_db: None, vault: None) -> Iterator[None]:
    """The library's tables are not Django's to empty between tests."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def work_until_nothing_waits() -> None:
    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=4)
    with app.replace_connector(connector):
        app.run_worker(
            wait=False,
            install_signal_handlers=False,
            delete_jobs="successful",
            listen_notify=False,
        )


def test_what_an_action_queued_is_delivered_by_the_worker(home, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    people = reachable(*range(3))
    with transaction.atomic():
        queue_messages(
            person_ids=[person.pk for person in people],
            template=FILLED.code,
            now=NOW,
            values={"count": 2, "code": "k7m"},
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT json_agg(job) FROM procrastinate_jobs AS job")
        waiting = json.dumps(cursor.fetchone()[0], ensure_ascii=False)

    work_until_nothing_waits()

    assert {line["to"] for line in lines_of(home)} == {phone_of(number) for number in range(3)}
    assert set(Message.objects.values_list("status", flat=True)) == {"sent"}
    assert not ProcrastinateJob.objects.exclude(status="todo").exists()
    said = [one.getMessage() for one in caplog.records if one.name != "django.db.backends"]
    for private in ("98912", "k7m", "منتظر"):
        assert private not in waiting
        assert not [line for line in said if private in line]


def test_a_long_queue_is_taken_up_job_by_job(monkeypatch, home) -> None:
    person = make_person()
    with transaction.atomic():
        count = BATCH_MAX + 1
        queue_messages(person_ids=[person.pk] * count, template=PLAIN.code, now=NOW)
    monkeypatch.setattr("salam.messaging.tasks._BATCHES_MAX", 1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")

    deliver_messages()

    assert Message.objects.filter(status="undeliverable").count() == BATCH_MAX
    asked = set(ProcrastinateJob.objects.values_list("task_name", "queueing_lock", "status"))
    assert asked == {(DELIVERY_TASK, DELIVERY_TASK, "todo")}
    work_until_nothing_waits()
    assert Message.objects.filter(status="undeliverable").count() == count
