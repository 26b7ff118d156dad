"""Who may do what with an incident, and when: the policy in one place, read by test_matrix.py.

Written from the plan and the design by hand, not taken from the code. Each act is a list of (where, who): where it
stands (stage, levels), and which of the cast may do it there; everywhere else nobody may.
"""

from collections.abc import Iterable
from itertools import product

from incidents.levels import Level, Stage

UNSET, THREE, TWO, ONE = Level.UNSET, Level.THREE, Level.TWO, Level.ONE
LEVELS = (UNSET, THREE, TWO, ONE)

TEAM_HEAD = {"pr"}
TEAM = TEAM_HEAD | {"legal", "market", "tech"}
SIGNING = {"gm", "deputy"}
LEADERS = SIGNING | {"member"}
SPEAKERS = {"spokesperson", "alternate"}
MONITOR = {"monitor"}
WORKERS = TEAM | LEADERS | SPEAKERS | MONITOR
NOBODY: set[str] = set()
LEAD = {"legal"}  # leads the incidents of the matrix

# What an incident can stand at. Without a level it can be triaged, dismissed or merged; with one, anywhere but there.
POSITIONS = [
    (Stage.TRIAGED, UNSET),
    (Stage.DISMISSED, UNSET),
    (Stage.MERGED, UNSET),
    *product((Stage.RESPONDING, Stage.OBSERVING, Stage.REVIEWING, Stage.ARCHIVED), (THREE, TWO, ONE)),
    (Stage.DISMISSED, TWO),
    (Stage.MERGED, TWO),
]
Where = Iterable[tuple[str, int]]


def at(*stages: str, levels: Iterable[int] = LEVELS) -> Where:
    return list(product(stages, levels))


ANYWHERE = POSITIONS
OPEN = at(Stage.TRIAGED, Stage.RESPONDING, Stage.OBSERVING, Stage.REVIEWING)
LEVEL_OPEN = at(Stage.TRIAGED, Stage.RESPONDING, Stage.OBSERVING)
GRAVE = (TWO, ONE)


def by_level(*stages: str) -> list[tuple[Where, set[str]]]:
    """Whoever decides the level it stands at: 三级 the leadership group, 二级 and 一级 组长 or 副组长."""
    return [(at(*stages, levels=[THREE]), LEADERS), (at(*stages, levels=GRAVE), SIGNING)]


# --- the incident ----------------------------------------------------------------------------------------------------
OF_INCIDENTS: dict[str, list[tuple[Where, set[str]]]] = {
    "open_incident": [(ANYWHERE, TEAM | MONITOR)],
    "edit_incident": [(OPEN, TEAM)],
    "hand_over_incidents": [(ANYWHERE, TEAM)],  # each of them is an edit_incident of its own
    "split_incident": [(OPEN, TEAM)],
    "edit_kinds": [(ANYWHERE, TEAM_HEAD)],
    "make_confidential": [(OPEN, TEAM_HEAD | SIGNING)],
    "change_members": [(OPEN, TEAM_HEAD | SIGNING | LEAD)],
    "come_on": [(OPEN, WORKERS)],
    "go_off": [],  # nobody is on
    "attach_post": [(OPEN, TEAM | MONITOR)],
    "detach_post": [(OPEN, TEAM | MONITOR)],
    "add_note": [(ANYWHERE, WORKERS)],
    "make_brief": [(ANYWHERE, TEAM | LEADERS | MONITOR)],
    "assess": [(OPEN, TEAM)],
    "request_level": [(LEVEL_OPEN, TEAM)],
    "request_end": [(at(Stage.RESPONDING, levels=GRAVE), TEAM)],
    "start_level": [(LEVEL_OPEN, TEAM_HEAD)],
    "decide_level_alone": [],  # the plan in force gives no standing authority
    "begin_statement": [(OPEN, TEAM | SPEAKERS)],
    "export_incidents": [(ANYWHERE, TEAM | LEADERS | {"auditor"})],
    # the stage
    "calm_down": [(at(Stage.RESPONDING, levels=[THREE]), TEAM_HEAD)],
    "relapse": [(at(Stage.OBSERVING), TEAM_HEAD)],
    "begin_review": [(at(Stage.OBSERVING), TEAM_HEAD)],
    "archive": [(at(Stage.REVIEWING), TEAM_HEAD)],
    "reopen": by_level(Stage.ARCHIVED),
    "dismiss": [(at(Stage.TRIAGED), TEAM | LEADERS), *by_level(Stage.RESPONDING)],
    "merge": [(at(Stage.TRIAGED), TEAM | LEADERS), *by_level(Stage.RESPONDING, Stage.OBSERVING, Stage.REVIEWING)],
    "unmerge": [(at(Stage.MERGED, levels=[UNSET]), TEAM | LEADERS), *by_level(Stage.MERGED)],
    # the level moves on a recorded decision alone, and here is none
    "respond": [],
    "stand_back": [],
    "ratify": [],
    "set_level_three": [],
    "set_level_two": [],
    "set_level_one": [],
    "unset_level": [],
}

# --- what hangs on it: the name of the row in test_matrix.py, and who may ---------------------------------------------
OF_ROWS: dict[str, dict[str, set[str]]] = {
    "approve_level": {"asked_three": LEADERS, "asked_two": SIGNING, "asked_one": SIGNING, "started": SIGNING},
    "decide_level_otherwise": {"asked_three": LEADERS, "asked_two": SIGNING, "asked_one": SIGNING, "started": SIGNING},
    "return_level": {"asked_three": LEADERS, "asked_two": SIGNING, "asked_one": SIGNING, "started": SIGNING},
    "withdraw_level": {"asked_three": {"market"}, "asked_two": {"market"}, "asked_one": {"market"}, "started": NOBODY},
    "record_approval": {
        "asked_two": (TEAM | LEADERS | MONITOR) - {"market"},
        "started": (TEAM | LEADERS | MONITOR) - TEAM_HEAD,
    },
    "revoke_level": {"asked_two": NOBODY, "started": SIGNING, "by_mouth": {"deputy"}, "decided": NOBODY},
    "countersign_level": {"asked_two": NOBODY, "by_mouth": {"deputy"}, "decided": NOBODY},
    "take_back_level": {"asked_two": NOBODY, "started": NOBODY, "decided": {"gm"}},
    "take_up_proposal": {"proposal": TEAM, "proposed_end_of_three": TEAM_HEAD},
    "dismiss_proposal": {"proposal": TEAM, "proposed_end_of_three": TEAM},
    "pause_clock": {"clock": TEAM_HEAD | SIGNING, "legal_clock": NOBODY},
    "resume_clock": {"clock": TEAM_HEAD | SIGNING | LEAD},
    "correct_entry": {"entry": WORKERS},
}
