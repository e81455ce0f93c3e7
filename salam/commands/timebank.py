"""`salam timebank`: prove that the ledger of hours is whole."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from salam.commands.runtime import answer, ready
from salam.core.quantities import grouped


@click.group()
def timebank() -> None:
    """Look after the ledger of hours."""


@timebank.command()
@click.option("--json", "as_json", is_flag=True, help="Print the lines as JSON.")
def audit(*, as_json: bool) -> None:
    """Prove every invariant of the ledger from its entries; exit 1 when one is broken.

    Run it every night.
    """
    ready()
    from salam.timebank.queries import audit as audit_ledger

    lines = audit_ledger()
    if as_json:
        answer(json.dumps([asdict(line) for line in lines], ensure_ascii=False))
    else:
        for line in lines:
            answer(f"{'✓' if line.is_kept else '✗'} {line.code}: {line.sentence}")
            if not line.is_kept:
                examples = "، ".join(line.examples)
                answer(f"  {grouped(line.breach_count)} مورد در {line.subject}: {examples}")
    if not all(line.is_kept for line in lines):
        raise click.exceptions.Exit(1)
