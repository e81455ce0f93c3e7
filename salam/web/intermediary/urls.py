"""The intermediary's screens: whom to call, whose hours to confirm."""

from __future__ import annotations

from django.urls import URLPattern, path

from salam.web.intermediary import assignments, desk, hours, moves

app_name = "intermediary"
urlpatterns: list[URLPattern] = [
    path("", desk.desk, name="desk"),
    path("offers/", desk.offers, name="offers"),
    path("offers/<uuid:offer_id>/withdraw/", moves.withdraw, name="withdraw_offer"),
    path("assignments/", desk.assignments, name="assignments"),
    path("assignments/<uuid:assignment_id>/", assignments.assignment, name="assignment"),
    path("assignments/<uuid:assignment_id>/contact/", assignments.contact, name="contact"),
    path("assignments/<uuid:assignment_id>/plan/", assignments.plan, name="plan_session"),
    path("assignments/<uuid:assignment_id>/pause/", moves.pause, name="pause"),
    path("assignments/<uuid:assignment_id>/resume/", moves.resume, name="resume"),
    path("assignments/<uuid:assignment_id>/end/", moves.end, name="end"),
    path("hours/", hours.hours, name="hours"),
    path("hours/confirmed/", hours.confirmed, name="confirmed"),
    path("sessions/<uuid:session_id>/cancel/", moves.cancel, name="cancel_session"),
    path("sessions/<uuid:session_id>/reverse/", moves.reverse_hours, name="reverse_hours"),
]
