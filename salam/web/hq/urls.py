"""Addresses of headquarters."""

from __future__ import annotations

from django.urls import URLPattern, path

from salam.web.hq import job_views, messages, views

app_name = "hq"
urlpatterns: list[URLPattern] = [
    path("", views.dashboard, name="dashboard"),
    path("places/<slug:code>/", views.place, name="place"),
    path("runs/", views.runs, name="runs"),
    path("runs/new/", views.choose_place, name="choose_place"),
    path("runs/new/<slug:code>/", views.start_run, name="start_run"),
    path("runs/<int:run_id>/", views.run, name="run"),
    path("runs/<int:run_id>/proposals/", views.run_proposals, name="run_proposals"),
    path(
        "runs/<int:run_id>/proposals/<int:proposal_id>/",
        views.explain_proposal,
        name="explain_proposal",
    ),
    path("runs/why/", views.choose_need, name="choose_need"),
    path("runs/why/<uuid:need_id>/", views.explain_need, name="explain_need"),
    path("runs/<int:run_id>/recruits/", views.run_recruits, name="run_recruits"),
    path("runs/<int:run_id>/compare/", views.compare_runs, name="compare_runs"),
    path("runs/<int:run_id>/stop/", views.stop, name="stop_run"),
    path("runs/<int:run_id>/release/", views.release, name="release_run"),
    path("runs/<int:run_id>/release/stop/", views.stop_sending, name="stop_release"),
    path("runs/<int:run_id>/discard/", views.discard, name="discard_run"),
    path("messages/", messages.overview, name="messages"),
    path(
        "messages/<str:template>/<slug:error_code>/retry/",
        messages.retry,
        name="retry_messages",
    ),
    path("jobs/", job_views.jobs, name="jobs"),
    path("jobs/failed/", job_views.failed, name="failed_jobs"),
    path("jobs/failed/<int:job_id>/again/", job_views.try_job_again, name="try_job_again"),
    path("jobs/sweeps/<str:name>/ask/", job_views.ask_for_sweep, name="ask_for_sweep"),
]
