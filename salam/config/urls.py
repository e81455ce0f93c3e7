"""The one URL configuration: pages by audience."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("salam.web.public.urls")),
]
