"""One's own page: offers answered, sessions reported, hours, looks, one's own data."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from salam.access.actions import open_contact
from salam.access.models import ContactGrant, Login
from salam.needs.models import NeedLine
from salam.organizations.enums import OrganizationStatus
from salam.organizations.models import Organization
from salam.people.enums import ConsentPurpose, VolunteerStatus
from salam.people.models import Consent, Person, VolunteerProfile
from salam.people.queries import list_active_skills
from salam.people.vault.enums import VaultKind
from salam.service.enums import AssignmentStatus, DeclineReason, OfferStatus, SessionStatus
from salam.service.models import Assignment, Offer, Session
from tests.cast import NOW
from tests.matching.worlds import STORYTELLING
from tests.service.worlds import AGREED, WEEK, ServiceWorld
from tests.web.login import log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The edge reads this instant; put another one in to let time pass."""
    instants = [NOW]
    monkeypatch.setattr("django.utils.timezone.now", lambda: instants[0])
    return instants


@pytest.fixture
def world(db: None, clock: list[datetime]) -> ServiceWorld:
    return ServiceWorld()


@pytest.fixture
def client(world: ServiceWorld) -> Client:
    """The volunteer of the world, logged in."""
    return client_of(world.person_id)


def client_of(person_id: int) -> Client:
    client = Client()
    log_in(client, Person.objects.get(pk=person_id))
    return client


def words_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_an_offer_is_seen_accepted_and_what_follows_is_said(
    client: Client,
    world: ServiceWorld,
) -> None:
    offer = world.offer()

    home = client.get("/me/")
    asked = client.get(f"/me/offers/{offer.public_id}/accept/")
    accepted = client.post(f"/me/offers/{offer.public_id}/accept/", follow=True)

    card = words_of(home)
    for words in (
        "سلام سارا",
        "قصه‌گویی در کتابخانه",
        "حدود ۱٫۲ کیلومتر از خانه",
        "شنبه صبح، هر هفته",
        "۲۰ نفر از مردم محله",
        "مؤسسهٔ مهر",
    ):
        assert words in card
    assert "کد ملی‌تان، به «مؤسسهٔ مهر» نشان داده می‌شود" in words_of(asked)
    offer.refresh_from_db()
    assert offer.status == OfferStatus.ACCEPTED
    assignment = Assignment.objects.get()
    assert accepted.redirect_chain == [(f"/me/assignments/{assignment.public_id}/", 302)]
    assert "سپاس که پذیرفتید." in words_of(accepted)
    assert "نوبت بعدی: شنبه ۷ آذر ۱۴۰۵" in words_of(accepted)


def test_yes_pressed_twice_is_one_yes(client: Client, world: ServiceWorld) -> None:
    offer = world.offer()
    address = f"/me/offers/{offer.public_id}/accept/"

    first, second = client.post(address), client.post(address)

    assert first.headers["Location"] == second.headers["Location"]
    assert Assignment.objects.count() == 1


def test_no_with_a_reason_and_no_twice(client: Client, world: ServiceWorld) -> None:
    offer = world.offer()
    address = f"/me/offers/{offer.public_id}/decline/"

    asked = client.get(address)
    client.post(address, {"reason": "too_far"})
    again = client.post(address, {"reason": "too_far"}, follow=True)

    offer.refresh_from_db()
    assert re.search(r'value="unstated"[^>]* checked', asked.content.decode())
    assert (offer.status, offer.decline_reason) == (OfferStatus.DECLINED, DeclineReason.TOO_FAR)
    assert "باشد، این بار نه." in words_of(again)
    assert "اکنون پیشنهادی برای شما نیست." in words_of(client.get("/me/"))


def test_a_reason_from_elsewhere_is_asked_for_again(client: Client, world: ServiceWorld) -> None:
    offer = world.offer()

    response = client.post(f"/me/offers/{offer.public_id}/decline/", {"reason": "lazy"})

    offer.refresh_from_db()
    assert response.status_code == 200
    assert "field__error" in response.content.decode()
    assert offer.status == OfferStatus.OPEN


def test_an_offer_that_is_gone_says_so_on_its_own_page(
    client: Client,
    world: ServiceWorld,
    clock: list[datetime],
) -> None:
    offer = world.offer()
    Organization.objects.filter(pk=offer.organization_id).update(
        status=OrganizationStatus.SUSPENDED,
    )

    suspended = client.post(f"/me/offers/{offer.public_id}/accept/")
    Organization.objects.update(status=OrganizationStatus.ACTIVE)
    clock[0] = NOW + 2 * WEEK
    late = client.post(f"/me/offers/{offer.public_id}/accept/")

    assert (suspended.status_code, late.status_code) == (409, 409)
    assert "مؤسسهٔ واسط اکنون نمی‌تواند با شما تماس بگیرد" in words_of(suspended)
    assert "مهلت پاسخ به این پیشنهاد گذشته است" in words_of(late)
    assert "قصه‌گویی در کتابخانه" in words_of(late)
    assert Assignment.objects.count() == 0


def test_what_was_answered_no_longer_asks(client: Client, world: ServiceWorld) -> None:
    offer = world.offer()
    client.post(f"/me/offers/{offer.public_id}/decline/", {"reason": "unstated"})

    page = client.get(f"/me/offers/{offer.public_id}/accept/")
    refused = client.post(f"/me/offers/{offer.public_id}/accept/")

    assert "<form" not in page.content.decode().split("<main")[1].split("</main>")[0]
    assert "نپذیرفته" in words_of(page)
    assert refused.status_code == 409
    assert "این پیشنهاد دیگر در انتظار پاسخ نیست." in words_of(refused)


def test_a_session_is_reported_corrected_and_waits(
    client: Client,
    world: ServiceWorld,
    clock: list[datetime],
) -> None:
    session = world.session()
    address = f"/me/sessions/{session.public_id}/report/"
    early = client.post(address, {"hours": "2", "minutes": "30"}, follow=True)
    clock[0] = NOW + WEEK

    due = client.get("/me/")
    empty = client.post(address, {"hours": "0", "minutes": "0"})
    client.post(address, {"hours": "2", "minutes": "30"})
    told = client.get("/me/")
    again = client.get(address)
    client.post(address, {"hours": "3", "minutes": "0"})

    assert "روز این نوبت هنوز نرسیده است." in words_of(early)
    assert "سر این نوبت بودم" in words_of(due)
    assert "بنویسید چقدر طول کشید." in words_of(empty)
    assert "۲ ساعت و ۳۰ دقیقه" in words_of(told)
    assert '<option value="30" selected>' in again.content.decode()
    session.refresh_from_db()
    assert (session.status, session.reported_minutes) == (SessionStatus.SERVED, 180)


def test_a_session_that_cannot_be_held_makes_room_for_the_next(
    client: Client,
    world: ServiceWorld,
) -> None:
    session = world.session()
    address = f"/me/sessions/{session.public_id}/cancel/"

    asked = client.get(address)
    client.post(address)
    again = client.post(address, follow=True)

    session.refresh_from_db()
    assert "نوبت شنبه ۷ آذر ۱۴۰۵ برداشته شود؟" in words_of(asked)
    assert session.status == SessionStatus.CANCELLED
    assert Session.objects.filter(status=SessionStatus.PLANNED).count() == 1
    assert "این نوبت برداشته شد" in words_of(again)


def test_leaving_ends_it_and_shuts_the_number(client: Client, world: ServiceWorld) -> None:
    assignment = world.assignment()
    address = f"/me/assignments/{assignment.public_id}/leave/"

    asked = client.get(address)
    left = client.post(address, follow=True)
    again = client.post(address, follow=True)

    assignment.refresh_from_db()
    assert "کسی نمی‌پرسد چرا" in words_of(asked)
    assert assignment.status == AssignmentStatus.ENDED
    assert "دیگر کسی شماره‌تان را نمی‌بیند" in words_of(left)
    assert "این همکاری پایان یافته است." in words_of(again)
    assert "به خواست داوطلب" in words_of(client.get(f"/me/assignments/{assignment.public_id}/"))


def test_confirmed_hours_stand_in_the_bank(client: Client, world: ServiceWorld) -> None:
    world.confirmed(duration_minutes=150)

    home, statement = client.get("/me/"), client.get("/me/hours/")

    assert "۲ ساعت و ۳۰ دقیقه" in words_of(home)
    assert "۲ ساعت و ۳۰ دقیقه ، شنبه ۷ آذر ۱۴۰۵، مؤسسهٔ مهر" in words_of(statement)


def test_looks_at_the_number_are_told_in_words(client: Client, world: ServiceWorld) -> None:
    assignment = world.assignment()
    open_contact(
        actor=world.officer,
        contact_grant_id=ContactGrant.objects.get(origin=assignment.contact_origin).pk,
        field=VaultKind.PHONE,
        purpose="arrange_service",
        now=NOW,
    )

    for page in (client.get("/me/"), client.get("/me/looks/")):
        told = words_of(page)
        assert "مؤسسهٔ مهر » شمارهٔ تلفن شما را دید، برای هماهنگ‌کردن خدمت." in told.replace(
            "مؤسسهٔ مهر»", "مؤسسهٔ مهر »"
        )


def test_others_and_what_is_missing_look_the_same(world: ServiceWorld) -> None:
    session = world.session()
    offer = Offer.objects.get()
    assignment = Assignment.objects.get()
    stranger = client_of(world.volunteer(half_day_bits=2))
    addresses = {
        f"/me/offers/{offer.public_id}/": f"/me/offers/{uuid4()}/",
        f"/me/offers/{offer.public_id}/accept/": f"/me/offers/{uuid4()}/accept/",
        f"/me/offers/{offer.public_id}/decline/": f"/me/offers/{uuid4()}/decline/",
        f"/me/sessions/{session.public_id}/report/": f"/me/sessions/{uuid4()}/report/",
        f"/me/sessions/{session.public_id}/cancel/": f"/me/sessions/{uuid4()}/cancel/",
        f"/me/assignments/{assignment.public_id}/": f"/me/assignments/{uuid4()}/",
        f"/me/assignments/{assignment.public_id}/leave/": f"/me/assignments/{uuid4()}/leave/",
    }

    data = {"reason": "unstated", "hours": "1", "minutes": "0"}
    for own, missing in addresses.items():
        assert body_of(stranger.get(own)) == body_of(stranger.get(missing)), own
        assert stranger.get(own).status_code == 404
        if own.count("/") > 4:
            assert stranger.post(own, data).status_code == 404
            assert stranger.post(missing, data).status_code == 404
    assert {*Offer.objects.values_list("status", flat=True)} == {OfferStatus.ACCEPTED}


def body_of(response: Any) -> str:
    """Without tokens, and without the address itself, which the switch of languages repeats."""
    page = re.sub(r'value="[^"]{64}"', "", response.content.decode())
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", page)


def test_strangers_are_sent_to_log_in(world: ServiceWorld) -> None:
    offer = world.offer()

    for address in (
        "/me/",
        f"/me/offers/{offer.public_id}/accept/",
        "/me/data/file/",
        "/me/forget/",
    ):
        assert Client().get(address).headers["Location"] == f"/login/?next={address}"


def test_what_changes_something_takes_post_with_a_token(world: ServiceWorld) -> None:
    offer = world.offer()
    client = Client(enforce_csrf_checks=True)
    log_in(client, Person.objects.get(pk=world.person_id))

    for address in (
        f"/me/offers/{offer.public_id}/accept/",
        f"/me/offers/{offer.public_id}/decline/",
        "/me/consents/",
        "/me/rest/",
        "/me/forget/",
        "/me/profile/",
    ):
        assert client.post(address).status_code == 403, address
        assert client.put(address).status_code in {403, 405}, address
    assert client.post("/me/").status_code == 403
    offer.refresh_from_db()
    assert offer.status == OfferStatus.OPEN


def test_my_page_costs_the_same_with_one_offer_and_with_three(
    client: Client,
    world: ServiceWorld,
) -> None:
    VolunteerProfile.objects.update(half_day_bits=7, weekly_half_days=5)
    world.offer()
    client.get("/me/")
    counts = []
    for extra in (0, 2):
        for number in range(extra):
            need_id = world.need()
            NeedLine.objects.filter(need_id=need_id).update(half_day=1 + number)
            world.offer(line=NeedLine.objects.get(need_id=need_id))
        with CaptureQueriesContext(connection) as captured:
            page = client.get("/me/")
        counts.append(len(captured))

    assert page.content.decode().count("می‌پذیرم<") == 3
    assert counts[0] == counts[1]
    assert counts[0] <= 32


def test_consents_are_given_and_taken_back_each_by_itself(
    client: Client,
    world: ServiceWorld,
) -> None:
    client.post("/me/consents/", {"purpose": "matching", "answer": "no"})
    without = client.get("/me/")
    client.post("/me/consents/", {"purpose": "matching", "answer": "yes"})
    client.post("/me/consents/", {"purpose": "messages", "answer": "no"})
    guardian = client.post("/me/consents/", {"purpose": "guardian", "answer": "yes"})

    live = Consent.objects.filter(person_id=world.person_id, withdrawn_at__isnull=True)
    assert "تا رضایت ندهید پیشنهادی نمی‌گیرید." in words_of(without)
    assert {*live.values_list("purpose", flat=True)} == {ConsentPurpose.MATCHING}
    assert guardian.status_code == 404
    assert "رضایت نداده‌اید." in words_of(client.get("/me/consents/"))


def test_resting_and_coming_back(client: Client, world: ServiceWorld) -> None:
    client.post("/me/rest/", {"answer": "rest"})
    profile = VolunteerProfile.objects.get(person_id=world.person_id)
    resting = client.get("/me/")
    client.post("/me/rest/", {"answer": "return"})

    assert profile.status == VolunteerStatus.PAUSED
    assert "در استراحتید و پیشنهاد تازه‌ای نمی‌گیرید." in words_of(resting)
    profile.refresh_from_db()
    assert profile.status == VolunteerStatus.ACTIVE


def test_profile_is_corrected_and_wrong_values_stay_to_be_mended(
    client: Client,
    world: ServiceWorld,
) -> None:
    asked = client.get("/me/profile/").content.decode()
    data = {
        "given_name": "سارا",
        "family_name": "یکتای نو",
        "home": world.cast.places.next_door.code,
        "skills": [list_active_skills()[2].code],
        "place_of_service": "either",
        "areas": ["3"],
        "half_days": ["4", "5"],
        "weekly": "3",
        "radius_km": "10",
    }

    wrong = client.post("/me/profile/", data | {"half_days": [], "family_name": "نام ۳"})
    right = client.post("/me/profile/", data, follow=True)

    assert 'value="یکتا"' in asked
    assert "field__error" in wrong.content.decode()
    assert 'value="10" id="id_radius_km_3" checked' in re.sub(r"\s+", " ", wrong.content.decode())
    assert "نگه داشته شد." in words_of(right)
    person = Person.objects.get(pk=world.person_id)
    profile = VolunteerProfile.objects.get(person=person)
    assert (person.family_name, person.home_place) == ("یکتای نو", world.cast.places.next_door)
    assert profile.skill_bits == STORYTELLING << 1
    assert (profile.half_day_bits, profile.weekly_half_days) == (0b110000, 3)
    assert (profile.radius_m, profile.area_bits) == (10_000, 1 << 3)


def test_my_data_holds_everything_of_mine_and_nothing_of_others(
    client: Client,
    world: ServiceWorld,
) -> None:
    world.confirmed()
    world.volunteer(given_name="دیگری")

    response = client.get("/me/data/file/")

    held = json.loads(response.content)
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert {"people", "service", "timebank", "access", "messaging"} <= held.keys()
    assert held["people"]["person"][0]["given_name"] == "سارا"
    assert [one["duration_minutes"] for one in held["service"]["hours"]] == [150]
    text = response.content.decode()
    assert "دیگری" not in text
    assert "+98" not in text
    assert "شمارهٔ تلفن" in words_of(client.get("/me/data/"))


def test_being_forgotten_logs_out_and_leaves_hours_without_a_name(
    client: Client,
    world: ServiceWorld,
) -> None:
    world.confirmed()

    asked = client.get("/me/forget/")
    gone = client.post("/me/forget/", follow=True)

    assert "ساعت‌هایی که داده‌اید بی‌نام می‌ماند" in words_of(asked)
    assert gone.redirect_chain == [("/", 302)]
    assert "اطلاعات شما پاک شد." in words_of(gone)
    person = Person.objects.get(pk=world.person_id)
    assert (person.given_name, person.forgotten_at) == ("", NOW)
    assert not Login.objects.filter(person=person).exists()
    assert client.get("/me/").headers["Location"] == "/login/?next=/me/"


def test_staff_without_a_profile_have_a_page_too(world: ServiceWorld) -> None:
    page = client_of(world.cast.officer.pk).get("/me/")

    assert page.status_code == 200
    assert "شما در دفتر داوطلبان نیستید" in words_of(page)


def test_invited_people_are_told_what_is_missing(world: ServiceWorld) -> None:
    without_consent = world.volunteer(consents=frozenset())
    without_birth = world.volunteer(consents=AGREED, birth_date=None)

    told = {
        person_id: words_of(client_of(person_id).get("/me/"))
        for person_id in (without_consent, without_birth)
    }

    assert "تا رضایت ندهید پیشنهادی نمی‌گیرید." in told[without_consent]
    assert "تاریخ تولدتان ثبت نشده است." in told[without_birth]
