"""How messages stand, for those who look after the gateway."""

from __future__ import annotations

import pytest
from django.urls import reverse

from salam.messaging.models import Message
from tests.web.scene import Scene, Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_what_failed_is_sent_again_with_a_reason(scene) -> None:
    message = scene.failed_message
    client = scene.client(Visitor.HQ)
    address = reverse("hq:retry_messages", args=[message.template, message.error_code])

    page = client.get(reverse("hq:messages")).content.decode()
    unanswered = client.post(address, {})
    answered = client.post(address, {"reason": "credit_filled"}, follow=True)

    assert address in page
    assert "اعتبار پیامک تمام شده بود" in page
    assert unanswered.status_code == 200
    assert Message.objects.get().status == "queued"
    said = answered.content.decode()
    assert "۱ پیام دوباره در صف است." in said
    assert "همه رسیده است." in said
    assert client.get(address).status_code == 404


def test_a_reason_is_asked_for(scene) -> None:
    message = scene.failed_message
    client = scene.client(Visitor.HQ)
    address = reverse("hq:retry_messages", args=[message.template, message.error_code])

    client.post(address, {"reason": "because"})

    assert Message.objects.get().status == "failed"


def test_every_text_stands_there_with_its_parts(scene) -> None:
    page = scene.client(Visitor.HQ).get(reverse("hq:messages")).content.decode()

    assert "سلام محله: پیشنهاد تازه‌ای برای شما هست." in page
    assert "بخش پیامک" in page
