"""Random histories against sixty lines of Python that know what must come out."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from salam.core.actors import ConsoleOperator
from salam.timebank.actions import AlreadyReversed, HoursCredit, KeyUsedBefore, PostedTransfer
from salam.timebank.queries import audit, organization_hours, person_hours
from tests.ledger import check_constraints
from tests.timebank.stage import Stage, new_credit

PEOPLE = st.integers(0, 2)
PAYERS = st.integers(0, 1)
MINUTES = st.integers(1, 1440)


@dataclass
class Model:
    """Who was credited what by whom, by key; and which of it was taken back."""

    credits: dict[uuid.UUID, tuple[int, HoursCredit]] = field(default_factory=dict)
    transfer_ids: dict[uuid.UUID, int] = field(default_factory=dict)
    reversed_keys: set[uuid.UUID] = field(default_factory=set)

    def sums(self, *, person_id: int = 0, organization_id: int = 0) -> tuple[int, int]:
        """Minutes given and taken back, of a person or through an organisation."""
        mine = [
            (key, credit.duration_minutes)
            for key, (payer, credit) in self.credits.items()
            if credit.person_id == person_id or payer == organization_id
        ]
        taken = sum(minutes for key, minutes in mine if key in self.reversed_keys)
        return sum(minutes for _, minutes in mine), taken


class Ledger(RuleBasedStateMachine):
    """What officers do, in any order; people and organisations are drawn by their index."""

    stage: Stage
    keys = Bundle("keys")

    @initialize()
    def begin(self) -> None:
        cast = self.stage.cast
        self.people = [cast.volunteer, cast.outsider, cast.officer]
        self.payers = [self.stage.organization_id, cast.offices.other_intermediary.pk]
        self.model = Model()
        self.outer = transaction.atomic()
        self.outer.__enter__()

    def teardown(self) -> None:
        assert [line.code for line in audit() if not line.is_kept] == []
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    def post(self, payer: int, *batch: HoursCredit) -> list[PostedTransfer]:
        return self.stage.post(*batch, actor=ConsoleOperator(), organization_id=payer)

    @rule(target=keys, payer=PAYERS, drawn=st.lists(st.tuples(PEOPLE, MINUTES), max_size=4))
    def credit(self, payer, drawn) -> object:
        batch = [new_credit(self.people[person], minutes) for person, minutes in drawn]
        posted = self.post(self.payers[payer], *batch)
        assert [one.key for one in posted] == [credit.key for credit in batch]
        self.model.credits |= {credit.key: (self.payers[payer], credit) for credit in batch}
        self.model.transfer_ids |= {one.key: one.transfer_id for one in posted}
        return multiple(*(credit.key for credit in batch))

    @rule(key=keys)
    def ask_again(self, key) -> None:
        [again] = self.post(*self.model.credits[key])
        assert (again.transfer_id, again.is_replayed) == (self.model.transfer_ids[key], True)

    @rule(key=keys, person=PEOPLE)
    def ask_for_something_else(self, key, person) -> None:
        payer, credit = self.model.credits[key]
        other = new_credit(self.people[person], credit.duration_minutes % 1440 + 1, key=key)
        with pytest.raises(KeyUsedBefore):
            self.post(payer, new_credit(self.people[person]), other)

    @rule(key=keys)
    def take_back(self, key) -> None:
        transfer_id = self.model.transfer_ids[key]
        if key in self.model.reversed_keys:
            with pytest.raises(AlreadyReversed):
                self.stage.reverse(transfer_id, actor=ConsoleOperator())
        else:
            self.stage.reverse(transfer_id, actor=ConsoleOperator())
            self.model.reversed_keys.add(key)

    @invariant()
    def agrees_with_the_model(self) -> None:
        check_constraints()
        for person in self.people:
            hours = person_hours(person_id=person.pk)
            given, taken = self.model.sums(person_id=person.pk)
            assert (hours.given_minutes, hours.reversed_minutes) == (given, taken)
            assert hours.balance_minutes == given - taken
        for payer in self.payers:
            through = organization_hours(organization_id=payer)
            assert (through.given_minutes, through.reversed_minutes) == self.model.sums(
                organization_id=payer
            )


def test_any_history_comes_out_as_the_model_says(stage: Stage) -> None:
    run_state_machine_as_test(
        type("LedgerOnStage", (Ledger,), {"stage": stage}),
        settings=settings(
            max_examples=4,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
