"""A plan that was made anew in one province: what headquarters see, send and set aside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from salam.matching.actions import renew_touched
from salam.matching.enums import RunStatus
from salam.matching.models import Renewal, Run, TouchedProvince
from tests.cast import NOW
from tests.matching.worlds import stored_run
from tests.service.worlds import ServiceWorld
from tests.web.test_web_hq import as_staff, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> ServiceWorld:
    return ServiceWorld()


def renewed_run(world: ServiceWorld) -> Run:
    """A plan of the country whose province 23 was planned anew after three changes."""
    country = stored_run()
    world.volunteer()
    world.need()
    TouchedProvince.objects.create(province_code="23", change_count=3, since=NOW)
    assert renew_touched(now=NOW + timedelta(hours=1), stopwatch=lambda: 0.0)
    return country


def test_the_plan_names_its_renewals_and_decides_on_them(world) -> None:
    client = as_staff(world.cast.national)
    country = renewed_run(world)
    renewal = Renewal.objects.get()

    page = seen(client, reverse("hq:run", args=[country.pk]))
    assert "جاهایی که از نو چیده شد" in page
    assert "۳ تغییر، ۲ پیشنهاد، آمادهٔ بازبینی" in page
    assert reverse("hq:run", args=[renewal.run_id]) in page
    confirm = seen(client, reverse("hq:release_run", args=[country.pk]))
    assert "این تازه‌سازی‌ها هم با آن فرستاده می‌شوند: تهران" in confirm
    assert "۲ نفر پیامی خنثی می‌گیرند" in confirm
    confirm = seen(client, reverse("hq:discard_run", args=[country.pk]))
    assert "این تازه‌سازی‌ها هم با آن کنار می‌روند: تهران" in confirm
    assert "تازه‌سازی خودکار" in seen(client, reverse("hq:runs"))

    client.post(reverse("hq:discard_run", args=[country.pk]))

    assert {*Run.objects.values_list("status", flat=True)} == {RunStatus.DISCARDED}
    assert "۲ پیشنهاد، کنار گذاشته" in seen(client, reverse("hq:run", args=[country.pk]))


def test_a_renewal_says_why_it_is_there_and_its_own_province_decides_on_it(world) -> None:
    country = renewed_run(world)
    renewal = Renewal.objects.get()
    address = reverse("hq:run", args=[renewal.run_id])
    of_country = reverse("hq:run", args=[country.pk])

    page = seen(as_staff(world.cast.national), address)
    assert "این اجرا را کسی آغاز نکرده است: پس از ۳ تغییر در این‌جا" in page
    assert of_country in page

    coordinator = as_staff(world.cast.coordinator_above)
    page = seen(coordinator, address)
    assert "پس از ۳ تغییر در این‌جا" in page
    assert of_country not in page
    assert coordinator.get(of_country).status_code == 404
    coordinator.post(reverse("hq:release_run", args=[renewal.run_id]))

    statuses = dict(Run.objects.values_list("pk", "status"))
    assert statuses == {country.pk: RunStatus.PROPOSED, renewal.run_id: RunStatus.RELEASING}


def test_a_plan_without_renewals_speaks_of_none(world) -> None:
    client = as_staff(world.cast.national)
    run = stored_run()
    assert "از نو چیده شد" not in seen(client, reverse("hq:run", args=[run.pk]))
    assert "تازه‌سازی" not in seen(client, reverse("hq:release_run", args=[run.pk]))
