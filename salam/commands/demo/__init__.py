"""`salam demo`: the main job on real places with generated people, marked as such everywhere."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import click

from salam.commands.demo.scales import SCALES, Scale
from salam.commands.match import StageWatch
from salam.commands.runtime import answer, console, instant, operator, ready, stop_database
from salam.commands.terminal import Stopwatch
from salam.commands.up import require_free_port, serve
from salam.core.dates import local_day
from salam.core.errors import DomainError
from salam.core.quantities import grouped

_OWN_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
PLACE_KINDS = ("province", "county", "district", "city", "rural_district", "village")


@click.command()
@click.option(
    "--scale",
    type=click.Choice(sorted(SCALES)),
    default="small",
    show_default=True,
    help="How many people and needs, in how many provinces.",
)
@click.option("--no-serve", is_flag=True, help="Do not start the site afterwards.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def demo(scale: str, *, no_serve: bool, as_json: bool, host: str, port: int) -> None:
    """Load the real tree and figures, generate people and needs, match them, show the result.

    A second call finds everything in place and only matches anew. Broken off, it continues where it
    stopped.
    """
    if as_json and not no_serve:
        raise click.UsageError("--json goes with --no-serve: the site would go on talking.")
    if not no_serve:
        require_free_port(host, port)
    started_database = ready()
    # Models exist only once Django is set up, hence not at the top of the module.
    from salam.commands.demo.logins import make_logins
    from salam.commands.logins import tell_logins

    began_at = _began_at(instant())
    watch = Stopwatch()
    made = _prepare(SCALES[scale], began_at, watch=watch)
    plan = _match_and_serve(SCALES[scale], began_at, watch=watch)
    with watch.stage("logins", "ورودهای نمایشی"):
        logins = make_logins(actor=operator(), scale=SCALES[scale], now=instant())
    if as_json:
        answer(json.dumps({**asdict(made), **asdict(plan), "seconds": watch.seconds}))
    else:
        _tell(made, plan)
        _tell_story(SCALES[scale])
        tell_logins(logins, now=instant())
    if not no_serve:
        if host in _OWN_MACHINE:
            # The page of log-in shows the code that would go by SMS (web.accounts.demo): to
            # whoever sits at this machine, never over a network.
            os.environ["SALAM_DEMO"] = "1"
        serve(host=host, port=port, is_database_ours=started_database)
    elif started_database:
        stop_database()


class DemoRefused(DomainError):
    code = "demo_refused"

    def __init__(self) -> None:
        super().__init__(
            "این پایگاه داده آدم‌ها یا نیازهای واقعی دارد؛ نمایش چیزی به آن نمی‌افزاید. "
            "برای نمایش، SALAM_HOME تازه‌ای بدهید.",
        )


class OtherScale(DomainError):
    code = "demo_other_scale"

    def __init__(self) -> None:
        super().__init__(
            "این پایگاه داده نمایشی با اندازهٔ دیگری دارد؛ "
            "همان اندازه را بخواهید یا SALAM_HOME تازه‌ای بدهید.",
        )


@dataclass(frozen=True)
class Made:
    """What stands in the database after the preparation."""

    places: dict[str, int]
    figures: int
    volunteers: int
    needs: int
    lines: int


def _require_place_for(scale: Scale) -> None:
    """Made-up people never stand among real ones, nor demos of two sizes in each other."""
    from salam.needs.models import Need
    from salam.people.models import Person

    made_up = Person.objects.filter(is_generated=True)
    # Whoever tries the demo's own screens registers and lists needs there: it stays a demo.
    is_demo = made_up.exists()
    if not is_demo and (
        Person.objects.filter(is_generated=False).exists()
        or Need.objects.filter(is_generated=False).exists()
    ):
        raise DemoRefused
    if (
        made_up.count() > scale.volunteer_count
        or made_up.exclude(province_code__in=scale.province_codes).exists()
    ):
        raise OtherScale


@dataclass(frozen=True)
class Outcome:
    """The first run of the demo and what came of it."""

    proposed: int
    value: int
    upper_bound: int
    rule_violations: int
    accepted: int
    hours_confirmed: int
    ledger_audit: str


def _began_at(now: datetime) -> datetime:
    """When the demo's story begins: three weeks before its first start, the same ever after."""
    from django.db.models import Min

    from salam.commands.demo.service import HISTORY
    from salam.people.models import Person

    made_up = Person.objects.filter(is_generated=True)
    first: datetime | None = made_up.aggregate(at=Min("created_at"))["at"]
    return first or now - HISTORY


def _prepare(scale: Scale, now: datetime, *, watch: Stopwatch) -> Made:
    from salam.commands.demo.needs import generate_needs
    from salam.commands.demo.people import generate_volunteers
    from salam.commands.demo.places import generate_neighbourhoods, settlements_of
    from salam.places.actions import load_tree
    from salam.places.queries import place_counts
    from salam.programmes.actions import load_figures
    from salam.programmes.queries import list_figures

    actor = operator()
    _require_place_for(scale)
    with watch.stage("tree", "درخت واقعی جاها") as show:
        load_tree(
            actor=actor,
            report=lambda _step, done, total: show(done, total),
        )
    load_figures(actor=actor)
    with watch.stage("neighbourhoods", "محله‌های ساختگی") as show:
        generate_neighbourhoods(actor=actor, scale=scale, now=now, report=show)
        settlements = settlements_of(scale.province_codes)
    with watch.stage("volunteers", "داوطلبان ساختگی") as show:
        volunteers = generate_volunteers(
            actor=actor,
            scale=scale,
            settlements=settlements,
            now=now,
            report=show,
        )
    with watch.stage("needs", "نیازهای ساختگی") as show:
        needs, lines = generate_needs(
            actor=actor,
            scale=scale,
            settlements=settlements,
            now=now,
            report=show,
        )
    counted = place_counts()
    return Made(
        places={kind: getattr(counted, kind) for kind in PLACE_KINDS},
        figures=list_figures().count(),
        volunteers=volunteers,
        needs=needs,
        lines=lines,
    )


def _match_and_serve(scale: Scale, began_at: datetime, *, watch: Stopwatch) -> Outcome:
    """The first run, what its people answered and served, and a second run over the country that
    waits for a decision. A second call finds all of it there.

    Told is the first run over the whole country.
    """
    from salam.commands.demo.service import serve_some
    from salam.matching.actions import refresh_words
    from salam.matching.models import Run
    from salam.matching.queries import COUNTRY_CODE
    from salam.service.queries import service_totals
    from salam.timebank.queries import audit

    now = instant()
    with watch.stage("words", "شرط‌های داوطلبان"):
        refresh_words(on=local_day(began_at))
    with watch.stage("first_run", "اجرای نخست"):
        first = _run(began_at + timedelta(hours=2), place_code=scale.story_code, after=None)
    with watch.stage("service", "سه هفته خدمت ساختگی") as show:
        serve_some(actor=operator(), run_id=first, now=now, seed=scale.seed, report=show)
    with watch.stage("second_run", "اجرای دوم"):
        second = _run(now, place_code=COUNTRY_CODE, after=first)
    run = Run.objects.get(pk=first if scale.story_code == COUNTRY_CODE else second)
    totals = service_totals()
    return Outcome(
        proposed=run.proposed_count,
        value=run.value or 0,
        upper_bound=run.upper_bound or 0,
        rule_violations=run.violation_count,
        accepted=totals.accepted,
        hours_confirmed=totals.confirmed_minutes // 60,
        ledger_audit="ok" if all(line.is_kept for line in audit()) else "broken",
    )


def _run(now: datetime, *, place_code: str, after: int | None) -> int:
    """The id of the first whole run over a place after another one, made if there is none."""
    from salam.matching.actions import run_matching
    from salam.matching.enums import RunStatus
    from salam.matching.models import Run

    whole = Run.objects.filter(place__code=place_code).exclude(
        status__in=[RunStatus.RUNNING, RunStatus.FAILED],
    )
    found = whole.filter(pk__gt=after or 0).order_by("pk").first()
    if found is not None:
        return found.pk
    outcome = run_matching(
        actor=operator(),
        now=now,
        stopwatch=time.perf_counter,
        place_code=place_code,
        report=StageWatch(),
    )
    if outcome.run_id is None:
        raise RuntimeError("a run that is stored has a number")
    return outcome.run_id


def _tell(made: Made, outcome: Outcome) -> None:
    gap = outcome.upper_bound - outcome.value
    console.rule("سلام محله، نمایش")
    for line in (
        (
            f"جاهای واقعی: {grouped(sum(made.places.values()))}، از "
            f"{grouped(made.places['province'])} استان تا {grouped(made.places['village'])} روستا."
        ),
        f"ارقام منتشرشده: {grouped(made.figures)}، هر یک با منبعش.",
        (
            f"ساختگی برای نمایش: {grouped(made.volunteers)} داوطلب، "
            f"{grouped(made.needs)} نیاز در {grouped(made.lines)} ردیف."
        ),
        (
            f"اجرا: {grouped(outcome.proposed)} پیشنهاد؛ ارزش {grouped(outcome.value)}، "
            f"فاصله تا کران بالا {grouped(gap)}، شرط شکسته {grouped(outcome.rule_violations)}."
        ),
        (
            f"پاسخ و خدمت: {grouped(outcome.accepted)} نفر پذیرفتند، "
            f"{grouped(outcome.hours_confirmed)} ساعت تأیید شد؛ دفتر بانک زمان "
            f"{'درست است' if outcome.ledger_audit == 'ok' else 'ایراد دارد'}."
        ),
        "ببینید: نتیجه‌ها در صفحهٔ نخست؛ «salam match explain داوطلب نیاز» علت را می‌گوید.",
    ):
        answer(line)


def _tell_story(scale: Scale) -> None:
    """Where people were asked and served, when that is not the whole country."""
    from salam.matching.queries import COUNTRY_CODE
    from salam.places.queries import get_place

    if scale.story_code == COUNTRY_CODE:
        return
    name = get_place(code=scale.story_code).name
    answer(
        f"در این اندازه، پیشنهادها فقط در {name} فرستاده شده و سه هفته خدمت آن‌جاست؛ "
        "چینش همهٔ کشور آمادهٔ بازبینی و تصمیم ستاد است."
    )
