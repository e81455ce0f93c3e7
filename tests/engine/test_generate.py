import hashlib

import numpy as np
import pytest

from salam.engine.generate import SIZES, Size, draw, generate

# Computed from the generator that the published measurements were made with.
HASHES = {
    ("S", 1): "e523bdb26409bdab9e4e31dd0e831391dd4e631931d693d4a8b218a7c5a5b267",
    ("Sd", 1): "5b102b28181ba6269fba9e9cbc745b29ecf0c2a268cb3beb84f1c97266d77bc4",
    ("XS", 4): "556d085eaf09ecd58fab1ac4be89f497061c2523a069b3aee9a43e6a38d1d045",
}


def hash_of(arrays: list[np.ndarray]) -> str:
    """Whole numbers to the byte; others to 6 decimals, since processors differ in the last bits."""
    digest = hashlib.sha256()
    for array in arrays:
        shown = np.round(array, 6) + 0.0 if array.dtype.kind == "f" else array
        digest.update(f"{shown.dtype.str}{shown.shape}".encode())
        digest.update(np.ascontiguousarray(shown).tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize(("size", "crunch"), HASHES)
def test_frozen_instances_are_what_they_were(size: str, crunch: int) -> None:
    volunteers, needs = draw(SIZES[size], crunch=crunch)

    assert hash_of([*vars(volunteers).values(), *vars(needs).values()]) == HASHES[size, crunch]


def test_another_seed_draws_another_country() -> None:
    one, other = generate(SIZES["XS"], seed=1), generate(SIZES["XS"], seed=2)

    assert not np.array_equal(one.v_lat, other.v_lat)


def test_lines_and_units_follow_the_drawn_needs() -> None:
    volunteers, needs = draw(SIZES["XS"])

    problem = generate(SIZES["XS"])

    assert problem.line_count == np.count_nonzero(needs.headcount)
    assert len(problem.unit_value) == needs.headcount.sum()
    for line in range(0, problem.line_count, 37):
        need, slot = int(problem.l_need[line]), int(problem.l_slot[line])
        people = range(int(needs.headcount[need, slot]))
        points = [max(26, round(float(needs.first_points[need]) * 0.6**k)) for k in people]
        first, last = problem.l_unit_ptr[line : line + 2]
        assert problem.unit_value[first:last].tolist() == points
        assert problem.l_group[line] == needs.group[need]
    assert np.array_equal(problem.v_radius_m, 100 * volunteers.radius_100m)
    assert set(problem.g_parent.tolist()) == {-1}


def test_attribute_words_say_the_same_as_the_drawn_attributes() -> None:
    volunteers, needs = draw(SIZES["XS"])
    problem = generate(SIZES["XS"])
    may = np.zeros((problem.line_count, problem.volunteer_count), np.bool_)

    for line, need in enumerate(problem.l_need.tolist()):
        asked = needs.languages[need]
        may[line] = volunteers.vetting >= needs.vetting[need]
        may[line] &= (needs.gender[need] < 0) | (volunteers.is_woman == needs.gender[need])
        may[line] &= (volunteers.languages & asked) == asked
        may[line] &= volunteers.age >= needs.age_min[need]

    asked_words = problem.l_attrs[:, None]
    assert np.array_equal((problem.v_attrs[None, :] & asked_words) == asked_words, may)
    assert 0 < may.mean() < 1


@pytest.mark.parametrize(("volunteers", "needs"), [(0, 0), (0, 7), (7, 0)])
def test_a_country_may_lack_people_or_needs(volunteers: int, needs: int) -> None:
    problem = generate(Size(volunteers=volunteers, needs=needs))

    assert problem.volunteer_count == volunteers
    assert (problem.line_count > 0) == (needs > 0)


@pytest.mark.parametrize(
    ("size", "crunch"),
    [
        (Size(volunteers=-1, needs=0), 1),
        (Size(volunteers=0, needs=-1), 1),
        (Size(volunteers=1, needs=1), 0),
    ],
)
def test_counts_that_make_no_sense_are_refused(size: Size, crunch: int) -> None:
    with pytest.raises(ValueError, match="must"):
        draw(size, crunch=crunch)
