"""`salam engine generate`: an invented country as an instance file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from salam.commands.engine.words import file_argument, refusing
from salam.commands.terminal import answer, console, in_persian
from salam.engine.generate import DEFAULT_SEED, SIZES, Size, generate, with_hours, with_people
from salam.engine.instance import write_problem

COUNT_MAX = 20_000_000  # beyond it even the arrays of the people alone need several gigabytes


class _Hours(click.ParamType[tuple[int, int]]):
    """Two lengths in whole hours, with a comma between them."""

    name = "HOURS,HOURS"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Read what was typed."""
        parts = str(value).split(",")
        if len(parts) != 2 or not all(one.isdecimal() and 1 <= int(one) <= 24 for one in parts):
            self.fail("Give two lengths of 1 to 24 hours, such as 3,5.", param, ctx)
        return int(parts[0]), int(parts[1])


@click.command("generate")
@click.option("--volunteers", type=click.IntRange(0, COUNT_MAX), help="How many volunteers.")
@click.option("--needs", type=click.IntRange(0, COUNT_MAX), help="How many needs.")
@click.option("--size", type=click.Choice(sorted(SIZES)), help="A frozen size, instead of counts.")
@click.option("--scarcity", type=click.IntRange(1, 100), default=1, help="Factor on the needs.")
@click.option("--seed", type=click.IntRange(0), default=DEFAULT_SEED, show_default=True)
@click.option("--hours", type=_Hours(), help="Length of mornings and afternoons, such as 3,5.")
@click.option("--people", type=click.FloatRange(0), help="Different people for each seat.")
@click.option("-o", "--output", type=file_argument, required=True, help="Instance file to write.")
def generate_command(
    *,
    volunteers: int | None,
    needs: int | None,
    size: str | None,
    scarcity: int,
    seed: int,
    hours: tuple[int, int] | None,
    people: float | None,
    output: Path,
) -> None:
    """Draw an invented country; the same counts and seed give the same file."""
    if size is not None and volunteers is None and needs is None:
        wanted = SIZES[size]
    elif size is None and volunteers is not None and needs is not None:
        wanted = Size(volunteers=volunteers, needs=needs)
    else:
        raise click.UsageError("Give --volunteers and --needs, or --size alone.")
    with refusing():
        console.print("[dim]ساختن نمونه …")
        problem = generate(wanted, seed=seed, crunch=scarcity)
        if hours is not None:
            problem = with_hours(problem, *hours)
        if people is not None:
            problem = with_people(problem, people)
        write_problem(output, problem)
    answer(
        f"نمونهٔ ساختگی با {in_persian(problem.volunteer_count)} داوطلب، "
        f"{in_persian(problem.line_count)} ردیف نیاز و {in_persian(problem.group_count)} گروه: "
        f"{output}",
    )
