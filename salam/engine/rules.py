"""The rules a placement can break, with codes that may be stored: never renumber, only add."""

from enum import IntEnum


class Rule(IntEnum):
    """What stands between a volunteer and a line, or is wrong with a plan.

    Codes 1 to 5 concern one pair and stand in the order in which a refusal is explained; the others
    concern a whole plan.
    """

    NONE = 0
    SLOT = 1
    SKILL = 2
    ATTRIBUTES = 3
    DISTANCE = 4
    FORBIDDEN = 5
    UNKNOWN_INDEX = 6
    DUPLICATE = 7
    SLOT_TWICE = 8
    WEEKLY_CAP = 9
    UNITS = 10
    GROUP_CAP = 11
    CONFIRMED_MISSING = 12
    VALUE = 13
    WEEKLY_HOURS = 14
    GROUP_PEOPLE = 15
