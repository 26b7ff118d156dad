"""Who may read what was said, sort it, and say what we listen for."""

from accounts.may import Table, asking, holds
from accounts.roles import LEADERS, SPEAKERS, TEAM, Role

# Everybody with a part in a response reads. Department staff see their tasks, the three officers see no posts.
READERS = (*LEADERS, *TEAM, *SPEAKERS, Role.MONITOR, Role.DEPARTMENT_HEAD)
LISTENERS = (Role.MONITOR, *TEAM)

MAY: Table = {
    "see_posts": [holds(*READERS)],
    "triage": [holds(*LISTENERS)],
    "enter_lead": [holds(*LISTENERS)],
    "see_watches": [holds(*READERS)],
    "edit_watches": [holds(*LISTENERS)],
}
may, require = asking(MAY)
