"""`salam engine orlib`: public assignment instances, solved and proved."""

from __future__ import annotations

import json
from pathlib import Path

import click

from salam.commands.engine.words import as_json_option, file_argument, refusing
from salam.commands.terminal import Refused, answer, in_persian
from salam.engine.orlib import parse_assignment, solve_assignment


@click.command()
@click.argument("file", type=file_argument)
@as_json_option
def orlib(file: Path, *, as_json: bool) -> None:
    """Solve an assignment FILE of the OR-Library (n, then n x n costs) and prove the optimum."""
    try:
        cost = parse_assignment(file.read_text(encoding="ascii", errors="replace"))
    except FileNotFoundError:
        raise Refused(f"فایل {file} پیدا نشد.") from None
    except OSError:
        raise Refused(f"فایل {file} خوانده نمی‌شود.") from None
    except ValueError as error:
        raise Refused(f"فایل {file} مسئلهٔ تخصیص نیست: {error}") from None
    with refusing():
        proof = solve_assignment(cost)
    if as_json:
        answer(
            json.dumps(
                {
                    "size": len(cost),
                    "cost": proof.cost,
                    "lower_bound": proof.lower_bound,
                    "proved": proof.is_proved,
                    "columns": proof.columns.tolist(),
                },
            ),
        )
        return
    verdict = "بهینه بودنش ثابت شد" if proof.is_proved else "بهینه بودنش ثابت نشد"
    answer(
        f"هزینه {in_persian(proof.cost)}، کران پایین {in_persian(proof.lower_bound)}: {verdict}.",
    )
