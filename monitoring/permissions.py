"""Who may change where we listen, and judge what was heard."""

from accounts.may import Table, asking, holds
from accounts.roles import LEADERS, TEAM, Role
from opinion.permissions import READERS

MAY: Table = {
    "see_sources": [holds(*Role)],  # anybody with a part at the desk: silence of a source concerns all
    "edit_sources": [holds(Role.TEAM_HEAD, Role.TEAM_MEMBER, Role.MONITOR, Role.SYSTEM_ADMIN)],
    "see_signals": [holds(*READERS)],  # who may read the posts may read what rose from them
    "judge_signal": [holds(Role.MONITOR, *TEAM)],
    "see_rules": [holds(Role.MONITOR, *TEAM, *LEADERS)],
    "see_vendors": [holds(Role.MONITOR, *TEAM, *LEADERS, Role.SYSTEM_ADMIN)],
    "edit_vendors": [holds(Role.TEAM_HEAD, Role.SYSTEM_ADMIN)],
    "settle_quarantine": [holds(Role.MONITOR, *TEAM)],
    "import_posts": [holds(Role.MONITOR, *TEAM)],
    "edit_channels": [holds(Role.TEAM_HEAD, Role.SYSTEM_ADMIN)],
    "see_duty": [holds(Role.MONITOR, *TEAM, *LEADERS, Role.AUDITOR)],
    "edit_roster": [holds(Role.TEAM_HEAD)],
    "sign_duty_log": [holds(Role.MONITOR, *TEAM)],
}
may, require = asking(MAY)
