"""The one URL configuration: pages by audience."""

from __future__ import annotations

from importlib import import_module

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from salam.web.languages import set_language

# Rooms that have a catalogue; importing registers it. Discovery would bring the libraries' own.
for _room in ("people", "places"):
    import_module(f"salam.{_room}.admin")

urlpatterns: list[URLPattern | URLResolver] = [
    path("language/", set_language, name="set_language"),
    path("", include("salam.web.public.urls")),
    path("", include("salam.web.accounts.urls")),
    path("facilitator/", include("salam.web.facilitator.urls")),
    path("intermediary/", include("salam.web.intermediary.urls")),
    path("hq/", include("salam.web.hq.urls")),
    path("", include("salam.web.resident.urls")),
    path("admin/", admin.site.urls),
    path("kit/", include("salam.web.kit.urls")),
]
