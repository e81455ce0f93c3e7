"""Addresses of the kit; every view answers 404 unless SALAM_DEBUG is on."""

from __future__ import annotations

from django.urls import URLPattern, path

from salam.web.kit import views

app_name = "kit"
urlpatterns: list[URLPattern] = [
    path("", views.parts, name="parts"),
    path("forms/", views.forms, name="forms"),
    path("lists/", views.lists, name="lists"),
    path("lists/none/", views.empty_list, name="empty_list"),
    path("charts/", views.charts, name="charts"),
    path("staff/", views.staff, name="staff"),
    path("confirm/", views.confirm, name="confirm"),
    path("places/", views.place_options, name="place_options"),
]
