"""The one URL configuration: pages by audience."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from salam.web.languages import set_language

urlpatterns: list[URLPattern | URLResolver] = [
    path("language/", set_language, name="set_language"),
    path("", include("salam.web.public.urls")),
]
