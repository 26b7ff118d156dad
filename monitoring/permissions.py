"""Who may change where we listen, and judge what was heard."""

from accounts.may import Table, asking, holds
from accounts.roles import TEAM, Role

MAY: Table = {
    "see_sources": [holds(*Role)],  # anybody with a part at the desk: silence of a source concerns all
    "edit_sources": [holds(Role.TEAM_HEAD, Role.TEAM_MEMBER, Role.MONITOR, Role.SYSTEM_ADMIN)],
    "judge_signal": [holds(Role.MONITOR, *TEAM)],
}
may, require = asking(MAY)
