"""The kit: every component in every state, in debug only; and what all pages share."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from salam.access.enums import Role
from salam.access.permissions import GrantedActor, HeldRole
from salam.core.actors import Stranger
from salam.core.verbs import Verb
from salam.web.navigation import (
    STAFF_SECTIONS,
    Entry,
    Section,
    shown_sections,
)
from salam.web.progress import Progress, ProgressState

ADDRESSES = (
    "/kit/",
    "/kit/forms/",
    "/kit/lists/",
    "/kit/lists/none/",
    "/kit/charts/",
    "/kit/staff/",
    "/kit/confirm/",
)
CHECKOUT = Path(__file__).resolve().parents[2]
ICONS = json.loads((CHECKOUT / "assets/icons.json").read_text("utf-8"))


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_of_the_kit_shows_in_debug(client, settings, address) -> None:
    settings.DEBUG = True

    response = client.get(address)

    assert response.status_code == 200
    assert "هیچ نام، جا و عددی در این صفحه‌ها واقعی نیست" in response.content.decode()
    assert "style=" not in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", [*ADDRESSES, "/kit/places/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_without_debug_the_kit_looks_missing(client, address, method) -> None:
    response = getattr(client, method)(address)

    assert response.status_code == 404
    assert "چنین چیزی پیدا نشد." in response.content.decode()


@pytest.mark.django_db
def test_every_component_stands_in_the_kit(client, settings) -> None:
    settings.DEBUG = True
    folder = CHECKOUT / "salam/web/templates/components"
    # What only a page with a person, a message or a running job shows.
    elsewhere = {"account.html", "language_switch.html", "messages.html", "refresh.html"}

    used = {
        template.name.removeprefix("components/")
        for address in ADDRESSES
        for template in client.get(address).templates
        if template.name
    }

    drawn = {file.name for file in folder.glob("*.html")} - elsewhere
    # Templates that are included by name are found in the sources, the rest as they are drawn.
    sources = "".join(
        file.read_text("utf-8") for file in (CHECKOUT / "salam/web/templates").rglob("*.html")
    )
    assert {name for name in drawn if name not in used and f"components/{name}" not in sources} == (
        set()
    )


def test_every_component_says_what_it_needs() -> None:
    silent = [
        file.name
        for file in (CHECKOUT / "salam/web/templates/components").glob("*.html")
        if not file.read_text("utf-8").startswith("{% comment %}")
    ]

    assert silent == []


def test_icons_in_the_sprite_are_those_in_use() -> None:
    sources = [
        *(CHECKOUT / "salam/web").rglob("*.html"),
        *(CHECKOUT / "salam/web").rglob("*.py"),
    ]
    texts = "".join(file.read_text("utf-8") for file in sources)

    named = {name for _, name in re.findall(r'({% icon |icon=)"([a-z-]+)"', texts)}

    assert sorted(named) == ICONS, "list the icons in use in assets/icons.json"


def test_an_icon_is_never_read_out() -> None:
    drawn = Template('{% load kit %}{% icon "search" %}').render(Context())

    assert 'aria-hidden="true"' in drawn
    assert "icons.svg#search" in drawn


def test_every_entry_of_the_menus_leads_to_a_screen() -> None:
    entries = [entry for section in STAFF_SECTIONS for entry in section.entries]

    assert [reverse(entry.url_name) for entry in entries if not entry.url_name] == []
    assert all(reverse(entry.url_name).startswith("/") for entry in entries)


def test_a_menu_shows_what_a_role_may_use_and_where_one_is() -> None:
    sections = (
        Section(
            label="",
            entries=(
                Entry(
                    label="نیازها",
                    url_name="kit:lists",
                    icon="list",
                    verbs=frozenset({Verb.NEED_OPEN}),
                ),
                Entry(
                    label="اجراها",
                    url_name="kit:charts",
                    icon="list",
                    verbs=frozenset({Verb.RUN_VIEW}),
                ),
            ),
        ),
    )
    facilitator = GrantedActor(
        person_id=1, held=(HeldRole(role=Role.FACILITATOR, place_path="ir.23"),)
    )

    shown = shown_sections(sections, actor=facilitator, path="/kit/lists/none/")

    assert [(entry.url, entry.is_current) for entry in shown[0].entries] == [("/kit/lists/", True)]
    assert shown_sections(sections, actor=Stranger(), path="/") == []
    assert shown_sections(sections, actor=None, path="/") == []


@pytest.mark.parametrize(
    ("done", "total", "state", "percent"),
    [
        (0, 0, ProgressState.RUNNING, 0),
        (999, 1000, ProgressState.RUNNING, 99),
        (1000, 1000, ProgressState.RUNNING, 99),
        (3, None, ProgressState.RUNNING, 0),
        (1000, 1000, ProgressState.DONE, 100),
        (5, 10, ProgressState.STOPPED, 50),
    ],
)
def test_progress_is_complete_only_at_the_end(done, total, state, percent) -> None:
    progress = Progress(element_id="x", label="x", state=state, done=done, total=total)

    assert progress.percent == percent


def test_finished_work_asks_no_more_and_cannot_be_stopped() -> None:
    running = Progress(
        element_id="x",
        label="x",
        state=ProgressState.RUNNING,
        poll_url="/poll/",
        stop_url="/stop/",
    )
    done = Progress(
        element_id="x", label="x", state=ProgressState.DONE, poll_url="/poll/", stop_url="/stop/"
    )

    drawn = [
        render_to_string("components/progress.html", {"progress": one}) for one in (running, done)
    ]

    assert ["hx-get" in text for text in drawn] == [True, False]
    assert ["/stop/" in text for text in drawn] == [True, False]


def test_a_confirm_page_carries_its_key_and_a_way_back() -> None:
    drawn = render_to_string(
        "components/confirm.html",
        {
            "title": "فرستادن",
            "sentences": ["یک"],
            "action": "می‌فرستم",
            "key": "k-1",
            "hidden": [("chosen", 7)],
            "cancel_url": "/back/",
        },
    )

    assert '<input type="hidden" name="key" value="k-1">' in drawn
    assert '<input type="hidden" name="chosen" value="7">' in drawn
    assert 'href="/back/"' in drawn


@pytest.mark.django_db
def test_an_old_page_is_refused_in_words(settings) -> None:
    settings.DEBUG = True

    response = Client(enforce_csrf_checks=True).post("/kit/confirm/")

    assert response.status_code == 403
    assert "آنچه نوشته‌اید سر جایش است" in response.content.decode()


def test_too_many_requests_are_told_when_to_come_again() -> None:
    assert "کمی صبر کنید" in render_to_string("429.html")


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["home", "home_place-2"])
def test_places_are_searched_for_any_field(client, field) -> None:
    response = client.get("/places/search/", {"field": field, f"{field}_words": "نیست"})

    assert response.status_code == 200
    assert f'name="{field}_found" value="نیست"' in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["", "<b>", "a b", "A", 'x"', "x" * 60])
def test_places_are_searched_for_no_made_up_field(client, field) -> None:
    assert client.get("/places/search/", {"field": field}).status_code == 404
