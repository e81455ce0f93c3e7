"""All verbs, alphabetically, as room:noun:verb. What each role may do is decided in access."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Verb(StrEnum):
    CONTACT_GRANT = "access:contact:grant"
    CONTACT_OPEN = "access:contact:open"
    GRANT_GIVE = "access:grant:give"
    JOB_RUN = "core:job:run"
    RUN_RELEASE = "matching:run:release"
    RUN_START = "matching:run:start"
    RUN_VIEW = "matching:run:view"
    PROPOSAL_EXPLAIN = "matching:proposal:explain"
    MESSAGE_OPERATE = "messaging:message:operate"
    NEED_CLOSE = "needs:need:close"
    NEED_OPEN = "needs:need:open"
    GROUP_EDIT = "organizations:group:edit"
    ORGANIZATION_EDIT = "organizations:organization:edit"
    ORGANIZATION_SUSPEND = "organizations:organization:suspend"
    CREDENTIAL_RECORD = "people:credential:record"
    FACILITATOR_EDIT = "people:facilitator:edit"
    PERSON_MERGE = "people:person:merge"
    SKILL_EDIT = "people:skill:edit"
    VOLUNTEER_IMPORT = "people:volunteer:import"
    VOLUNTEER_REGISTER = "people:volunteer:register"
    PLACE_EDIT = "places:place:edit"
    PLACE_IMPORT = "places:place:import"
    TARGET_LIST_EDIT = "places:target_list:edit"
    FIGURE_LOAD = "programmes:figure:load"
    AGGREGATE_VIEW = "reporting:aggregate:view"
    ASSIGNMENT_END = "service:assignment:end"
    ASSIGNMENT_VIEW = "service:assignment:view"
    HOURS_CONFIRM = "service:hours:confirm"
    HOURS_REVERSE = "service:hours:reverse"
    OFFER_OPEN = "service:offer:open"
    OFFER_WITHDRAW = "service:offer:withdraw"
    SESSION_PLAN = "service:session:plan"
    BANK_OPEN = "timebank:bank:open"
    TRANSFER_POST = "timebank:transfer:post"
    TRANSFER_REVERSE = "timebank:transfer:reverse"


# Verbs that answer with counts and never with a row about a person: all that an agency's office
# can hold.
AGGREGATE_VERBS: Final = frozenset({Verb.AGGREGATE_VIEW})
