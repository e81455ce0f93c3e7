"""Frozen instances: a country of volunteers and needs drawn from one seed, to test and measure.

Everything here is invented but for one table: the 31 provinces with their approximate population
(census round of 2016) and the place of their capital. Absolute figures of such an instance say
nothing about the country; comparisons between methods on it do. The order of the draws is part of
the format: the same size and seed give the same arrays, and published results name them.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from salam.engine.generate_tables import (
    AGE_BITS,
    AGES_ASKED,
    CAPITAL_SHARE,
    KM_PER_DEGREE,
    LANGUAGE_COUNT,
    LANGUAGE_SHIFT,
    MAN_BIT,
    NEIGHBOURHOOD_COUNT,
    PROVINCE_LAT,
    PROVINCE_LON,
    PROVINCE_POPULATION,
    PROVINCE_RADIUS_KM,
    RADII_100M,
    SKILL_COUNT,
    URGENCY_FACTORS,
    WOMAN_BIT,
)
from salam.engine.problem import (
    SLOT_COUNT,
    WEEK_HOURS,
    Float64,
    Int32,
    Int64,
    Problem,
    UInt64,
)
from salam.engine.scoring import DEFAULT_WEIGHTS

Int8 = npt.NDArray[np.int8]
Int16 = npt.NDArray[np.int16]

DEFAULT_SEED = 20_260_101
HOURS_SEED = 5


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many volunteers and needs, and in which provinces (rows of the table; none = all)."""

    volunteers: int
    needs: int
    provinces: tuple[int, ...] = ()


# Sd and Md pack the people of S and M into one and four provinces: the density of L.
SIZES = {
    "XS": Size(volunteers=2_000, needs=400),
    "S": Size(volunteers=10_000, needs=2_000),
    "Sd": Size(volunteers=10_000, needs=2_000, provinces=(6,)),
    "M": Size(volunteers=100_000, needs=20_000),
    "Md": Size(volunteers=100_000, needs=20_000, provinces=(0, 1, 2, 3)),
    "L": Size(volunteers=300_000, needs=60_000),
    "XL": Size(volunteers=1_000_000, needs=150_000),
    "XXL": Size(volunteers=3_000_000, needs=200_000),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class DrawnVolunteers:
    """Volunteers as drawn, V of them: plain attributes, before they become bits of a Problem.

    lat, lon: [V] float64 degrees. skills: [V] uint64, 60 bits. slots: [V] int32, 14 bits.
    cap: [V] int32 half-days a week. radius_100m: [V] int32. vetting: [V] int8, level 0..3.
    is_woman: [V] int8, 0 or 1. languages: [V] int16, 8 bits, the first one set in everybody.
    age: [V] int16 years. province, county: [V] int16 and int32, row in the geography.
    """

    lat: Float64
    lon: Float64
    skills: UInt64
    slots: Int32
    cap: Int32
    radius_100m: Int32
    vetting: Int8
    is_woman: Int8
    languages: Int16
    age: Int16
    province: Int16
    county: Int32


@dataclass(frozen=True, eq=False, kw_only=True)
class DrawnNeeds:
    """Needs as drawn, N of them, and the seats of their G intermediaries.

    lat, lon, skills, vetting, languages, province, county: as for volunteers, what is asked for.
    headcount: [N, 14] int16, people wanted in each slot. gender: [N] int8, -1 any, 0 men, 1 women.
    age_min: [N] int16 years. first_points: [N] float64, points of the first person of a line.
    group: [N] int32, the intermediary. seats: [G] int32 a week.
    """

    lat: Float64
    lon: Float64
    skills: UInt64
    headcount: Int16
    vetting: Int8
    gender: Int8
    languages: Int16
    age_min: Int16
    first_points: Float64
    group: Int32
    seats: Int32
    province: Int16
    county: Int32


@dataclass(frozen=True, eq=False, kw_only=True)
class _Geography:
    """C counties (province, people, place) and H neighbourhoods (county, people, place)."""

    county_province: Int64
    county_people: Float64
    county_lat: Float64
    county_lon: Float64
    county: Int64
    people: Float64
    lat: Float64
    lon: Float64

    @property
    def county_count(self) -> int:
        return len(self.county_people)

    @property
    def city_people(self) -> Float64:
        """People of the county each neighbourhood lies in."""
        return self.county_people[self.county]


def draw(
    size: Size, *, seed: int = DEFAULT_SEED, crunch: int = 1
) -> tuple[DrawnVolunteers, DrawnNeeds]:
    """Draw a country: provinces, counties of Zipf sizes, neighbourhoods, then people and needs.

    size: counts >= 0 and provinces; seed: of the one stream PCG64 all draws come from, in fixed
    order; crunch: factor on the number of needs (a week of disaster has 4).
    Returns what was drawn. Raises ValueError for a negative count or a crunch below 1.
    O(V + N + H), deterministic: the whole numbers are the same wherever numpy is; coordinates and
    points may differ in their last bits between processors, whose sines and logarithms do.
    Source of the town sizes: G. K. Zipf, "Human Behavior and the Principle of Least Effort", 1949.

    >>> volunteers, needs = draw(Size(volunteers=3, needs=2), seed=1)
    >>> len(volunteers.lat), needs.headcount.shape
    (3, (2, 14))
    """
    if min(size.volunteers, size.needs) < 0 or crunch < 1:
        raise ValueError("counts must not be negative, crunch must be at least 1")
    stream = np.random.Generator(np.random.PCG64(seed))
    geography = _draw_neighbourhoods(stream, _draw_counties(stream))
    provinces = size.provinces or range(len(PROVINCE_POPULATION))
    is_here = np.isin(geography.county_province[geography.county], provinces)
    volunteers = _draw_volunteers(stream, geography, is_here=is_here, count=size.volunteers)
    needs = _draw_needs(stream, geography, is_here=is_here, count=size.needs * crunch)
    return volunteers, needs


def _skill_shares() -> Float64:
    """How common each skill is among volunteers: a Zipf tail, shifted so that none dominates."""
    share = 1 / (np.arange(SKILL_COUNT) + 3.0) ** 1.1
    return np.asarray(share / share.sum(), np.float64)


def _draw_counties(stream: np.random.Generator) -> tuple[Int64, Float64, Float64, Float64]:
    """Draw province, people, latitude and longitude of counties; the first of each is the capital.

    One county per 175 000 people, five at least; the towns beside the capital have Zipf sizes.
    """
    province: list[int] = []
    people: list[float] = []
    lat: list[float] = []
    lon: list[float] = []
    table = np.column_stack(
        [PROVINCE_POPULATION, PROVINCE_LAT, PROVINCE_LON, CAPITAL_SHARE, PROVINCE_RADIUS_KM]
    )
    for row, (millions, capital_lat, capital_lon, capital_share, radius_km) in enumerate(table):
        count = max(5, round(float(millions) * 1e6 / 175_000))
        zipf = 1.0 / np.arange(1, count) ** 0.9
        shares = np.concatenate([[capital_share], (1 - capital_share) * zipf / zipf.sum()])
        away_km = radius_km * np.sqrt(stream.random(count)) * (np.arange(count) > 0)
        angle = stream.random(count) * 2 * np.pi
        east_km = KM_PER_DEGREE * np.cos(np.radians(capital_lat))
        province += [row] * count
        people += list(millions * 1e6 * shares)
        lat += list(capital_lat + away_km * np.sin(angle) / KM_PER_DEGREE)
        lon += list(capital_lon + away_km * np.cos(angle) / east_km)
    return np.array(province), np.array(people), np.array(lat), np.array(lon)


def _draw_neighbourhoods(
    stream: np.random.Generator, counties: tuple[Int64, Float64, Float64, Float64]
) -> _Geography:
    """Scatter neighbourhoods around their county's town: wide where rural, by size where urban."""
    province, people, lat, lon = counties
    per_county = np.maximum(3, np.floor(people / people.sum() * NEIGHBOURHOOD_COUNT)).astype(int)
    county = np.repeat(np.arange(len(people)), per_county)
    count = len(county)
    is_rural = stream.random(count) < np.where(people[county] > 6e5, 0.05, 0.30)
    spread_km = np.where(is_rural, 14.0, 0.9 + 5.5 * np.sqrt(people[county] / 1e6))
    north = stream.standard_normal(count) * spread_km / KM_PER_DEGREE
    own_lat = np.clip(lat[county] + north, 25.05, 39.95)
    east_km = KM_PER_DEGREE * np.cos(np.radians(own_lat))
    own_lon = np.clip(
        lon[county] + stream.standard_normal(count) * spread_km / east_km, 44.05, 63.45
    )
    return _Geography(
        county_province=province,
        county_people=people,
        county_lat=lat,
        county_lon=lon,
        county=county,
        people=people[county] / per_county[county] * stream.lognormal(0, 0.35, count),
        lat=own_lat,
        lon=own_lon,
    )


def _draw_skills(
    stream: np.random.Generator, shares: Float64, *, wanted: Int64, most: int
) -> UInt64:
    """Set up to `wanted` bits in each of N words; the same skill drawn twice counts once."""
    words = np.zeros(len(wanted), np.uint64)
    for turn in range(most):
        skill = stream.choice(SKILL_COUNT, len(wanted), p=shares).astype(np.uint64)
        words |= np.where(turn < wanted, np.uint64(1) << skill, np.uint64(0))
    return words


def _draw_availability(stream: np.random.Generator, count: int) -> npt.NDArray[np.bool_]:
    """Draw [V, 14] free half-days: half work (evenings and the week's end), a third study or are
    retired, the rest are free; everybody has one at least.
    """
    kind = stream.random(count)
    of_workers = np.array([0.04, 0.16] * 5 + [0.45, 0.35] * 2)
    chance = np.where(
        kind[:, None] < 0.5, of_workers[None, :], np.where(kind[:, None] < 0.85, 0.22, 0.5)
    )
    is_free = stream.random((count, SLOT_COUNT)) < chance
    never = ~is_free.any(axis=1)
    is_free[never, stream.integers(0, SLOT_COUNT, never.sum())] = True
    return is_free


def _draw_volunteers(
    stream: np.random.Generator,
    geography: _Geography,
    *,
    is_here: npt.NDArray[np.bool_],
    count: int,
) -> DrawnVolunteers:
    """Draw people: denser in big cities than the population is (city size to the power 0.25)."""
    share = is_here * geography.people * (geography.city_people**0.25)
    home = stream.choice(len(share), count, p=share / share.sum())
    wanted = 1 + np.minimum(stream.poisson(1.6, count), 5)
    skills = _draw_skills(stream, _skill_shares(), wanted=wanted, most=6)
    is_free = _draw_availability(stream, count)
    half_days = stream.choice([1, 2, 3, 4, 6], count, p=[0.42, 0.33, 0.14, 0.08, 0.03])
    radius = stream.choice(RADII_100M, count, p=[0.14, 0.24, 0.28, 0.2, 0.1, 0.04])
    vetting = stream.choice(4, count, p=[0.5, 0.27, 0.17, 0.06])
    is_woman = stream.random(count) < 0.52
    county = geography.county[home]
    province = geography.county_province[county]
    regional = 1 + (province % (LANGUAGE_COUNT - 1))
    knows_regional = stream.random(count) < 0.35
    knows_other = stream.random(count) < 0.05
    other = stream.integers(1, LANGUAGE_COUNT, count)
    languages = (
        1 | np.where(knows_regional, 1 << regional, 0) | np.where(knows_other, 1 << other, 0)
    )
    age = np.clip(stream.gamma(5, 7, count) + 10, 15, 85)
    return DrawnVolunteers(
        lat=geography.lat[home],
        lon=geography.lon[home],
        skills=skills,
        slots=(is_free * (1 << np.arange(SLOT_COUNT))).sum(axis=1).astype(np.int32),
        cap=np.minimum(half_days, is_free.sum(axis=1)).astype(np.int32),
        radius_100m=radius.astype(np.int32),
        vetting=vetting.astype(np.int8),
        is_woman=is_woman.astype(np.int8),
        languages=languages.astype(np.int16),
        age=age.astype(np.int16),
        province=province.astype(np.int16),
        county=county.astype(np.int32),
    )


def _draw_headcount(stream: np.random.Generator, count: int) -> Int16:
    """Draw [N, 14] people wanted: one to five slots of a need, one to five people in each."""
    slot_count = stream.choice([1, 2, 3, 4, 5], count, p=[0.38, 0.28, 0.18, 0.1, 0.06])
    order = np.argsort(stream.random((count, SLOT_COUNT)), axis=1)
    people = stream.choice([1, 2, 3, 5], (count, SLOT_COUNT), p=[0.62, 0.24, 0.1, 0.04])
    headcount = np.zeros((count, SLOT_COUNT), np.int16)
    for turn in range(5):
        is_asking = turn < slot_count
        slot = order[is_asking, turn]
        headcount[np.flatnonzero(is_asking), slot] = people[is_asking, turn]
    return headcount


def _draw_first_points(
    stream: np.random.Generator, city_people: Float64, urgency: Int64
) -> Float64:
    """Points of a line's first person: 100 x urgency x town x people served, by the published
    weights of scoring.Weights.
    """
    weights = DEFAULT_WEIGHTS
    town = np.interp(np.log10(city_people), weights.town_log10, weights.town_factors)
    people_served = stream.lognormal(3.5, 1, len(urgency))
    served = np.interp(people_served, weights.served_people, weights.served_factors)
    return np.asarray(100 * urgency * town * served, np.float64)


def _draw_needs(
    stream: np.random.Generator,
    geography: _Geography,
    *,
    is_here: npt.NDArray[np.bool_],
    count: int,
) -> DrawnNeeds:
    """Draw needs: spread flatter than people, more of them in poor and small places.

    Rare skills are asked for more often than they are offered. One intermediary per 12 needs of a
    county, with seats for half to one and a half times the people its needs ask for.
    """
    deprivation = stream.lognormal(0, 0.4, len(is_here))
    share = is_here * geography.people**0.8 * (geography.city_people**-0.08) * deprivation
    place = stream.choice(len(share), count, p=share / share.sum())
    shares = 0.5 * _skill_shares() + 0.5 / SKILL_COUNT
    wanted = stream.choice([1, 2, 3], count, p=[0.6, 0.28, 0.12])
    skills = _draw_skills(stream, shares, wanted=wanted, most=3)
    headcount = _draw_headcount(stream, count)
    vetting = stream.choice(4, count, p=[0.55, 0.25, 0.15, 0.05])
    gender = stream.choice([-1, 0, 1], count, p=[0.86, 0.05, 0.09])
    county = geography.county[place]
    province = geography.county_province[county]
    asks_regional = stream.random(count) < 0.08
    regional = 1 << (1 + province % (LANGUAGE_COUNT - 1))
    age_min = stream.choice(AGES_ASKED, count, p=[0.3, 0.6, 0.1])
    urgency = stream.choice(URGENCY_FACTORS, count, p=[0.25, 0.3, 0.25, 0.14, 0.06])
    first_points = _draw_first_points(stream, geography.county_people[county], urgency)
    per_county = np.maximum(1, np.bincount(county, minlength=geography.county_count) // 12)
    first_group = np.concatenate([[0], np.cumsum(per_county)])
    of_county = stream.integers(0, 1 << 30, count) % per_county[county]
    group = (first_group[county] + of_county).astype(np.int32)
    asked = np.bincount(group, weights=headcount.sum(axis=1), minlength=first_group[-1])
    seats = np.maximum(1, np.round(asked * stream.uniform(0.5, 1.5, len(asked))))
    return DrawnNeeds(
        lat=geography.lat[place],
        lon=geography.lon[place],
        skills=skills,
        headcount=headcount,
        vetting=vetting.astype(np.int8),
        gender=gender.astype(np.int8),
        languages=np.where(asks_regional, regional, 1).astype(np.int16),
        age_min=age_min.astype(np.int16),
        first_points=first_points,
        group=group,
        seats=seats.astype(np.int32),
        province=province.astype(np.int16),
        county=county.astype(np.int32),
    )


def generate(size: Size, *, seed: int = DEFAULT_SEED, crunch: int = 1) -> Problem:
    """Draw a country and turn it into a Problem; arguments and errors as of draw.

    >>> problem = generate(Size(volunteers=30, needs=20), seed=1)
    >>> problem.volunteer_count, problem.line_count, problem.group_count
    (30, 49, 460)
    """
    return to_problem(*draw(size, seed=seed, crunch=crunch))


def to_problem(volunteers: DrawnVolunteers, needs: DrawnNeeds) -> Problem:
    """Write drawn people and needs as the arrays of a Problem.

    Every slot in which a need wants somebody is a line; the k-th person of a line is worth
    max(26, round(first_points x 0.6^(k-1))) points. Attributes as bits, so that "at least" is a
    test of bits: vetting unary in bits 0..2, men and women in bits 3 and 4, languages from bit 8,
    18 and 21 years in bits 20 and 21. Intermediaries are groups without a parent.

    volunteers, needs: of one draw. Returns a Problem without confirmed or special pairs.
    O(V + N + U), deterministic.
    """
    need, slot = np.nonzero(needs.headcount)
    people = needs.headcount[need, slot].astype(np.int64)
    pointer = np.concatenate([[0], np.cumsum(people)]).astype(np.int64)
    position = np.arange(pointer[-1]) - np.repeat(pointer[:-1], people)
    factor = DEFAULT_WEIGHTS.next_person_factor**position
    points = np.round(np.repeat(needs.first_points[need], people) * factor)
    asks_gender = np.select([needs.gender == 0, needs.gender == 1], [MAN_BIT, WOMAN_BIT], 0)
    return Problem(
        v_lat=volunteers.lat,
        v_lon=volunteers.lon,
        v_radius_m=volunteers.radius_100m * np.int32(100),
        v_cap=volunteers.cap.astype(np.uint8),
        v_slots=volunteers.slots.astype(np.uint16),
        v_skills=volunteers.skills,
        v_attrs=_attribute_words(
            volunteers.vetting,
            np.where(volunteers.is_woman == 1, WOMAN_BIT, MAN_BIT),
            languages=volunteers.languages,
            age=volunteers.age,
        ),
        l_need=need.astype(np.int32),
        l_lat=needs.lat[need],
        l_lon=needs.lon[need],
        l_slot=slot.astype(np.uint8),
        l_skills=needs.skills[need],
        l_attrs=_attribute_words(
            needs.vetting, asks_gender, languages=needs.languages, age=needs.age_min
        )[need],
        l_unit_ptr=pointer,
        unit_value=np.maximum(DEFAULT_WEIGHTS.points_min, points).astype(np.int32),
        l_group=needs.group[need],
        g_cap=needs.seats,
        g_parent=np.full(len(needs.seats), -1, np.int32),
    )


def with_hours(problem: Problem, morning: int, afternoon: int) -> Problem:
    """The same country where mornings and afternoons last so many hours and people give hours.

    A person who gave k half-days gives k times the middle of both lengths, two hours more or less,
    and at least the longer one; in as many half-days as are free. Of a stream of its own.
    """
    stream = np.random.Generator(np.random.PCG64(HOURS_SEED))
    about = problem.v_cap.astype(np.int64) * (morning + afternoon) // 2
    hours = about + stream.integers(-2, 3, problem.volunteer_count)
    free = (problem.v_slots[:, None] >> np.arange(SLOT_COUNT, dtype=np.uint16)) & 1
    return replace(
        problem,
        v_cap=free.sum(axis=1).astype(np.uint8),
        v_hours=np.clip(hours, max(morning, afternoon), WEEK_HOURS).astype(np.uint8),
        slot_hours=np.tile(np.array([morning, afternoon], np.uint8), SLOT_COUNT // 2),
    )


def with_people(problem: Problem, share: float) -> Problem:
    """The same country where a group takes so many different people for each of its seats."""
    people = np.maximum(1, np.floor(problem.g_cap * share)).astype(np.int32)
    return replace(problem, g_people=people)


def _attribute_words(vetting: Int8, gender_bit: Int64, *, languages: Int16, age: Int16) -> UInt64:
    """Pack what a person has, or a need asks for, into [N] uint64 words."""
    words = (1 << vetting.astype(np.int64)) - 1
    words |= gender_bit | languages.astype(np.int64) << LANGUAGE_SHIFT
    for years, bit in zip(AGES_ASKED[1:], AGE_BITS, strict=True):
        words |= np.where(age >= years, bit, 0)
    return words.astype(np.uint64)
