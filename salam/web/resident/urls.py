"""Addresses of registration and of one's own page."""

from __future__ import annotations

from django.urls import URLPattern, path

from salam.web.resident import data, hours, joining, page, service

app_name = "resident"
urlpatterns: list[URLPattern] = [
    path("join/", joining.start, name="join"),
    path("join/review/", joining.review, name="review"),
    path("join/done/", joining.joined, name="joined"),
    path("join/<slug:slug>/", joining.step, name="join_step"),
    path("me/", page.home, name="home"),
    path("me/offers/<uuid:offer_id>/", service.offer, name="offer"),
    path("me/offers/<uuid:offer_id>/accept/", service.accept, name="accept"),
    path("me/offers/<uuid:offer_id>/decline/", service.decline, name="decline"),
    path("me/sessions/<uuid:session_id>/report/", service.report, name="report"),
    path("me/sessions/<uuid:session_id>/cancel/", service.cancel, name="cancel"),
    path("me/assignments/<uuid:assignment_id>/", service.assignment, name="assignment"),
    path("me/assignments/<uuid:assignment_id>/leave/", service.leave, name="leave"),
    path("me/looks/", page.looks, name="looks"),
    path("me/hours/", hours.statement, name="hours"),
    path("me/consents/", data.consents, name="consents"),
    path("me/profile/", data.profile, name="profile"),
    path("me/rest/", data.rest, name="rest"),
    path("me/data/", data.held, name="data"),
    path("me/data/file/", data.download, name="download"),
    path("me/forget/", data.forget, name="forget"),
]
