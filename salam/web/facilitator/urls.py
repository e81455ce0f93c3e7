"""The facilitator's screens: what the street asks for, and what became of it."""

from __future__ import annotations

from django.urls import URLPattern, path

from salam.web.facilitator import views

app_name = "facilitator"
urlpatterns: list[URLPattern] = [
    path("", views.needs, name="needs"),
    path("places/", views.place_options, name="place_options"),
    path("needs/new/", views.choose_place, name="choose_place"),
    path("needs/new/<slug:code>/", views.new_need, name="new_need"),
    path("needs/<uuid:need_id>/", views.need, name="need"),
    path("needs/<uuid:need_id>/close/", views.close, name="close_need"),
]
