"""The screen of why this volunteer, why not: an address without names, the same word for all who
cannot be asked about.
"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from salam.core.models import Event
from salam.core.text import persian_digits
from salam.needs.actions import NewLine
from salam.needs.models import Need
from salam.people.codes import code_of, normalise_code
from salam.people.models import Person
from tests.matching.worlds import COMPANION, SATURDAY_MORNING, STORYTELLING
from tests.service.worlds import ServiceWorld
from tests.web.login import log_in
from tests.web.test_web_hq import as_staff, proposed_run, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> ServiceWorld:
    return ServiceWorld()


def code_for(person_id: int) -> str:
    return code_of(public_id=Person.objects.get(pk=person_id).public_id)


def page_of(need_id: int) -> str:
    return reverse("hq:explain_need", args=[Need.objects.get(pk=need_id).public_id])


def test_a_need_is_found_and_its_answer_stands_at_an_address(world) -> None:
    run = proposed_run()
    client = as_staff(world.cast.coordinator_above)
    choose = reverse("hq:choose_need")
    national = as_staff(world.cast.national)
    for address in (reverse("hq:runs"), reverse("hq:run", args=[run.pk])):
        assert f'href="{choose}"' in seen(national, address)
    assert f'href="{page_of(world.need_id)}"' in seen(client, f"{choose}?words=قصه‌گویی")
    assert "با این پالایه‌ها چیزی پیدا نشد" in seen(client, f"{choose}?words=آسفالت")
    assert "کد داوطلبی" in seen(client, page_of(world.need_id))

    typed = persian_digits(code_for(world.person_id))
    answer = client.get(page_of(world.need_id), {"volunteer": typed})

    assert answer.status_code == 200
    page = answer.content.decode()
    assert "شنبه صبح" in page
    assert "پیشنهاد شد؛ تنها کسی که همهٔ شرط‌ها را دارد" in page
    person = Person.objects.get(pk=world.person_id)
    for name in (person.given_name, person.family_name):
        assert name not in page


def test_what_would_change_it_is_told_beside_why_not(world) -> None:
    other = world.volunteer(skill_bits=COMPANION)
    need_id = world.need(
        NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING, headcount=3),
        title="خواندن برای نابینایان",
    )
    proposed_run()
    client = as_staff(world.cast.national)

    page = seen(client, f"{page_of(need_id)}?volunteer={normalise_code(code_for(other))}")

    assert "هیچ‌یک از مهارت‌های خواسته‌شده را ثبت نکرده است" in page
    assert "را ثبت کرده بود، برای این نیاز پیشنهاد می‌شد" in page
    # The need that nobody asked about is not named.
    assert "قصه‌گویی در کتابخانه" not in page


def test_who_cannot_be_asked_about_gets_one_answer(world) -> None:
    stranger = world.volunteer(
        home_place_id=world.cast.places.elsewhere.pk,
        home_province_code=world.cast.places.elsewhere.province_code,
        skill_bits=COMPANION,
    )
    proposed_run()
    client = as_staff(world.cast.coordinator_above)
    address = page_of(world.need_id)

    def told(code: str) -> str:
        page = client.get(address, {"volunteer": code})
        assert page.status_code == 200
        assert "explanation" not in page.context
        [sentence] = page.context["form"].errors["volunteer"]
        assert sentence in page.content.decode()
        return str(sentence)

    assert told(code_for(stranger)) == told("123456789012345")
    assert "در جاهای شما پیدا نشد" in told("123456789012345")
    assert "پانزده رقم" in told("09123456789")
    assert "را بنویسید" in told("")


def test_the_page_is_for_headquarters_of_the_needs_place(world) -> None:
    elsewhere = world.need(place=world.cast.places.elsewhere)
    proposed_run()
    cast = world.cast
    allowed = {
        cast.national: {world.need_id, elsewhere},
        cast.coordinator_above: {world.need_id},
        cast.officer: set(),
        cast.facilitator_here: set(),
        cast.agency_reader: set(),
        cast.volunteer: set(),
    }

    for person, needs in allowed.items():
        client = as_staff(person)
        code = normalise_code(code_for(world.person_id))
        found = {
            need_id
            for need_id in (world.need_id, elsewhere)
            if client.get(page_of(need_id), {"volunteer": code}).status_code == 200
        }
        assert found == needs
        assert client.get(reverse("hq:choose_need")).status_code == (200 if needs else 404)
    for person, is_linked in ((cast.coordinator_above, True), (cast.facilitator_here, False)):
        need = Need.objects.get(pk=world.need_id)
        page = seen(as_staff(person), reverse("facilitator:need", args=[need.public_id]))
        assert (page_of(need.pk) in page) == is_linked


def test_a_volunteer_reads_the_own_code_on_the_own_page(client, world) -> None:
    log_in(client, Person.objects.get(pk=world.person_id))

    assert code_for(world.person_id) in seen(client, reverse("resident:data"))


def test_the_list_of_needs_costs_the_same_with_one_and_more(world) -> None:
    client = as_staff(world.cast.national)
    address = reverse("hq:choose_need")
    seen(client, address)
    costs = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as caught:
            seen(client, address)
        costs.append(len(caught))
        world.need()
        world.need(place=world.cast.places.elsewhere)

    assert costs[0] == costs[1]


def test_an_answer_leaves_a_trace_and_a_miss_none(world) -> None:
    client = as_staff(world.cast.coordinator_above)
    address = page_of(world.need_id)
    code = normalise_code(code_for(world.person_id))

    client.get(address, {"volunteer": "1" * 15})
    client.get(address, {"volunteer": code})

    asked = Event.objects.get(kind="matching.volunteer_asked_about")
    assert (asked.subject_id, asked.actor_id) == (world.person_id, world.cast.coordinator_above.pk)
    assert asked.payload == {"need_id": world.need_id}
