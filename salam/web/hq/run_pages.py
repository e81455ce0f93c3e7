"""What the templates of a run and of two runs get."""

from __future__ import annotations

from salam.reporting.queries import RunPair, RunReview
from salam.web.hq import comparing, figures, run_words
from salam.web.hq.wording import (
    gap_ppm,
    gap_sentence,
    is_cut_short,
    state_of,
    unsent_rows,
    unsent_sentence,
)


def run_context(review: RunReview) -> dict[str, object]:
    """One run: its state, and once it has a plan, what the plan covers and leaves."""
    run = review.run
    context: dict[str, object] = {
        "review": review,
        "run": run,
        "told": state_of(run),
        "is_cut_short": is_cut_short(run),
        "unsent": unsent_rows(run),
        "unsent_sentence": unsent_sentence(run),
    }
    if run.value is None:
        return context
    context |= {
        "gap": gap_ppm(run),
        "gap_sentence": gap_sentence(run),
        "value_points": run_words.value_points(run),
        "weights": review.weights and run_words.weights_facts(review.weights),
    }
    if not review.figures.totals:
        return context
    return context | {
        "figures": review.figures,
        "asked": review.figures.asked,
        "volunteers": review.figures.volunteers_at_home,
        "value_sentences": run_words.value_sentences(review),
        "coverage_map": figures.coverage_map(review),
        "parts": figures.parts_table(review),
        "towns": figures.towns_chart(review),
        "idle": figures.idle_chart(review),
        "idle_by_part": figures.volunteers_table(review),
        "unfilled": figures.unfilled_table(review.figures),
        "unfilled_sentence": run_words.unfilled_sentence(review.figures),
    }


def pair_context(pair: RunPair) -> dict[str, object]:
    """Two runs, or one that stands alone."""
    context: dict[str, object] = {"pair": pair, "run": pair.chosen}
    if pair.later is None or pair.earlier is None:
        return context
    later, earlier = pair.later, pair.earlier
    other = earlier if pair.chosen.pk == later.run.pk else later
    return context | {
        "choices": comparing.choices(pair),
        "other_id": other.run.pk,
        "sides": comparing.side_sentences(later, earlier),
        "summary": comparing.summary_table(later, earlier),
        "differences": comparing.difference_sentences(later, earlier),
        "changes": comparing.changes_sentences(pair.changes),
        "parts": comparing.parts_table(later.figures, earlier.figures),
        "towns": comparing.towns_table(later.figures, earlier.figures),
        "has_figures": bool(later.figures.totals and earlier.figures.totals),
    }
