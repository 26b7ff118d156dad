"""What was merged into an incident or split off, and whether it can still be undone."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import User
from incidents.levels import OPEN_STAGES
from incidents.models import Incident, IncidentChange
from incidents.permissions import may, sees
from incidents.timeline_words import DECISION, events_in, headline

# Decisions that an undo asks about by their rows of IncidentChange, not by their timeline entries.
REGROUPED = (
    "incidents.absorbed",
    "incidents.merged",
    "incidents.unmerged",
    "incidents.split",
    "incidents.split_undone",
)


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """`partner` is the incident on the other side; its title is for those who may see it."""

    change: IncidentChange
    partner: Incident
    sees_partner: bool
    may_undo: bool


def changes_of(incident: Incident, person: User, now: datetime) -> list[ChangeLine]:
    """The merges and splits this incident had a part in and that still stand, the newest first."""
    rows = IncidentChange.objects.filter(Q(incident=incident) | Q(other=incident), undone_at=None)
    lines = []
    for change in rows.select_related("incident", "other", "by"):
        partner = change.other if change.incident_id == incident.pk else change.incident
        is_seen = sees(person, partner)
        is_merge = change.kind == IncidentChange.Kind.MERGE
        asked = ("unmerge", change.other) if is_merge else ("split_incident", change.incident)
        may_undo = is_seen and may(person, *asked) and not why_not_undone(change, now)
        lines.append(ChangeLine(change, partner, is_seen, may_undo))
    return lines


def why_not_undone(change: IncidentChange, now: datetime) -> str:
    """Why it cannot be undone (any more), in a sentence; empty where it can."""
    if change.undone_at is not None:
        return _("%(who)s has undone it already.") % {"who": change.undone_by}
    if now > change.undo_until:
        return _("It could be undone until %(when)s.") % {"when": f"{localtime(change.undo_until):%m-%d %H:%M}"}
    two = [change.incident, change.other]
    later = IncidentChange.objects.filter(Q(incident__in=two) | Q(other__in=two), undone_at=None, pk__gt=change.pk)
    if later.exists():
        return _("They were merged or split again since; undo that first.")
    goes_on = change.incident if change.kind == IncidentChange.Kind.MERGE else change.other
    decided = goes_on.timeline.filter(pk__gt=change.effects["entry"], event__in=events_in(DECISION))
    entry = decided.exclude(event__in=REGROUPED).first()
    if entry is not None:
        what = headline(entry.event, entry.detail, entry.before, entry.after, str(entry.actor or ""))
        return _("%(number)s has gone on since: %(what)s. It can no longer be undone.") % {
            "number": goes_on.number,
            "what": what,
        }
    if change.incident.stage not in OPEN_STAGES:
        return _("%(number)s is closed.") % {"number": change.incident.number}
    if goes_on == change.other and goes_on.is_confidential and not change.incident.is_confidential:
        return _("%(number)s has become confidential since.") % {"number": goes_on.number}
    return ""
