"""`salam match`: propose, and say why or why not."""

from __future__ import annotations

import json
import time
from dataclasses import asdict

import click

from salam.commands.engine.words import tell_first_time
from salam.commands.runtime import answer, console, instant, operator, ready
from salam.core.dates import local_day
from salam.core.quantities import grouped

STAGES = {
    "read": "خواندن داوطلبان و نیازها …",
    "candidates": "یافتن افراد واجد شرط …",
    "solve": "یافتن بهترین چینش …",
    "check": "بازبینی همهٔ شرط‌ها …",
    "store": "ذخیرهٔ پیشنهادها …",
}


@click.group()
def match() -> None:
    """Propose volunteers for open needs, and explain."""


@match.command()
@click.option(
    "--place", "place_code", default="ir", help="Code of a place; the whole country by default."
)
@click.option("--dry-run", is_flag=True, help="Solve and certify, store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def run(place_code: str, *, dry_run: bool, as_json: bool) -> None:
    """Match open needs of the country or of one place."""
    ready()
    from salam.matching.actions import run_matching

    watch = StageWatch()
    outcome = run_matching(
        actor=operator(),
        now=instant(),
        stopwatch=time.perf_counter,
        place_code=place_code,
        dry_run=dry_run,
        report=watch,
    )
    stage_seconds = watch.seconds()
    if as_json:
        answer(json.dumps({**asdict(outcome), "stage_seconds": stage_seconds}))
        return
    answer(
        f"{grouped(outcome.proposed)} پیشنهاد برای {grouped(outcome.units)} نفرِ خواسته‌شده "
        f"در {grouped(outcome.lines)} ردیف نیاز، از میان {grouped(outcome.volunteers)} داوطلب.",
    )
    answer(
        f"ارزش {grouped(outcome.value)}، کران بالا {grouped(outcome.upper_bound)}، "
        f"شرط‌های شکسته {grouped(outcome.rule_violations)}.",
    )


@match.command()
@click.argument("volunteer", type=int)
@click.argument("need", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print the codes and integers as JSON.")
def explain(volunteer: int, need: int, *, as_json: bool) -> None:
    """Why VOLUNTEER was or was not proposed for NEED in the last run (both by number)."""
    ready()
    from salam.matching.queries import explain as explain_pair

    explanation = explain_pair(
        actor=operator(),
        person_id=volunteer,
        need_id=need,
        on=local_day(instant()),
    )
    if as_json:
        answer(
            json.dumps(
                {
                    "run": explanation.run_id,
                    "obstacle": explanation.obstacle.name if explanation.obstacle else None,
                    "lines": [
                        {**asdict(line), "verdict": line.verdict.name, "sentence": line.sentence}
                        for line in explanation.lines
                    ],
                },
                ensure_ascii=False,
            ),
        )
        return
    for sentence in explanation.sentences:
        answer(sentence)


@match.command()
@click.option(
    "--place", "place_code", default="ir", help="Code of a place; the whole country by default."
)
@click.option("--top", default=10, type=click.IntRange(1, 500), help="How many of each kind.")
@click.option("--json", "as_json", is_flag=True, help="Print the worths as JSON.")
def recruit(place_code: str, *, top: int, as_json: bool) -> None:
    """Where one more volunteer, half-day, seat or level of vetting would add most."""
    ready()
    from salam.matching.enums import RecruitKind
    from salam.matching.queries import last_run_with_recruits, recruit_sentence, recruits_of
    from salam.places.queries import get_place

    place = get_place(code=place_code)
    run = last_run_with_recruits(place=place)
    found = [
        one
        for kind in RecruitKind
        for one in (recruits_of(run=run, within_path=place.path, kind=kind, top=top) if run else ())
    ]
    if as_json:
        rows = [{**asdict(one), "points": one.points} for one in found]
        answer(json.dumps({"run": run.pk if run else None, "recruits": rows}, ensure_ascii=False))
        return
    if run is None:
        answer("هنوز اجرایی نیست که این ارزش‌ها را داشته باشد. نخست salam match run را بزنید.")
    elif not found:
        answer("در این‌جا، یکی بیشتر از هیچ چیزی به چینشِ اجرای آخر نمی‌افزاید.")
    for one in found:
        answer(recruit_sentence(recruit=one))


class StageWatch:
    """Shows each stage of a run when it begins, and keeps how many seconds each took.

    "read" is how long the tables take to become arrays, "store" how long the plan takes to become
    proposals: both are measured against the engine's own stages.
    """

    def __init__(self) -> None:
        self._begun: list[tuple[str, float]] = []

    def __call__(self, stage: str) -> None:
        self._begun.append((stage, time.perf_counter()))
        if stage == "candidates":
            tell_first_time()
        console.print(f"[dim]{STAGES[stage]}")

    def seconds(self) -> dict[str, float]:
        """By stage, once the run has ended: asked for at that moment."""
        ends = [at for _stage, at in self._begun[1:]] + [time.perf_counter()]
        seconds: dict[str, float] = {}
        for (stage, begun), end in zip(self._begun, ends, strict=True):
            # Solving and checking take turns where people are scarce.
            seconds[stage] = round(seconds.get(stage, 0.0) + end - begun, 2)
        return seconds
