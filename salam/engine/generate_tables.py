"""Tables of the generated country: one of real data (the provinces), the rest invented."""

import numpy as np

SKILL_COUNT = 60
LANGUAGE_COUNT = 8  # the first one is everybody's, one more is common to each province
NEIGHBOURHOOD_COUNT = 47_000
KM_PER_DEGREE = 111.32  # of latitude; the generator needs no better sphere
RADII_100M = (15, 30, 60, 120, 250, 500)  # what people are ready to travel
AGES_ASKED = (15, 18, 21)
URGENCY_FACTORS = (1, 2, 4, 7, 12)

# Bits of the attribute words; vetting takes bits 0 to 2, one for each level reached.
MAN_BIT = 1 << 3
WOMAN_BIT = 1 << 4
LANGUAGE_SHIFT = 8
AGE_BITS = (1 << 20, 1 << 21)  # for the second and third of AGES_ASKED; 15 is everybody's age

# Approximate: people of the province (millions, census round of 2016), place of its capital
# (degrees), share of the people who live around the capital, radius of the province (km).
# Another country is another table.
_PROVINCES = np.array(
    [
        (13.27, 35.69, 51.39, 0.78, 60),
        (6.43, 36.30, 59.60, 0.52, 190),
        (5.12, 32.65, 51.67, 0.50, 150),
        (4.85, 29.61, 52.53, 0.40, 180),
        (4.71, 31.32, 48.67, 0.32, 130),
        (3.91, 38.08, 46.29, 0.47, 110),
        (3.28, 36.56, 53.06, 0.20, 100),
        (3.27, 37.55, 45.07, 0.28, 110),
        (3.16, 30.28, 57.08, 0.26, 210),
        (2.78, 29.50, 60.86, 0.25, 230),
        (2.71, 35.83, 50.97, 0.72, 35),
        (2.53, 37.28, 49.58, 0.33, 75),
        (1.95, 34.31, 47.07, 0.52, 85),
        (1.87, 36.84, 54.44, 0.24, 75),
        (1.78, 27.18, 56.28, 0.34, 160),
        (1.76, 33.49, 48.36, 0.25, 95),
        (1.74, 34.80, 48.51, 0.37, 75),
        (1.60, 35.31, 47.00, 0.31, 95),
        (1.43, 34.09, 49.69, 0.40, 90),
        (1.29, 34.64, 50.88, 0.93, 45),
        (1.27, 36.27, 50.00, 0.38, 65),
        (1.27, 38.25, 48.29, 0.47, 75),
        (1.16, 28.97, 50.84, 0.24, 110),
        (1.14, 31.90, 54.37, 0.55, 140),
        (1.06, 36.68, 48.49, 0.47, 80),
        (0.95, 32.33, 50.86, 0.23, 70),
        (0.86, 37.47, 57.33, 0.27, 85),
        (0.77, 32.87, 59.22, 0.30, 190),
        (0.71, 30.67, 51.59, 0.22, 65),
        (0.70, 35.57, 53.40, 0.30, 130),
        (0.58, 33.64, 46.42, 0.35, 75),
    ]
)
PROVINCE_POPULATION = _PROVINCES[:, 0]
PROVINCE_LAT = _PROVINCES[:, 1]
PROVINCE_LON = _PROVINCES[:, 2]
CAPITAL_SHARE = _PROVINCES[:, 3]
PROVINCE_RADIUS_KM = _PROVINCES[:, 4]
