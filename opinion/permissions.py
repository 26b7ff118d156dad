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
    "add_evidence": [holds(*LISTENERS)],
    "fold": [holds(*LISTENERS)],
    "see_topics": [holds(*READERS)],
    "regroup": [holds(*LISTENERS)],
    "correct_tone": [holds(*LISTENERS)],
    "see_quality": [holds(*READERS)],
    "train_model": [holds(Role.TEAM_HEAD)],
    "switch_model": [holds(Role.TEAM_HEAD)],
    "see_watches": [holds(*READERS)],
    "see_trends": [holds(*READERS)],
    "see_spread": [holds(*READERS)],
    "edit_watches": [holds(*LISTENERS)],
    "see_terms": [holds(*READERS)],
    "edit_terms": [holds(*LISTENERS)],
    "open_original": [holds(*TEAM)],
    "answer_personal_requests": [holds(Role.TEAM_HEAD)],
    "see_personal_requests": [holds(Role.TEAM_HEAD, Role.AUDITOR)],
    "export_posts": [holds(*LISTENERS)],
}
may, require = asking(MAY)
