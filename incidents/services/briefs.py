"""快报: one click writes down what stands, numbered, for a chat or for paper."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from incidents import charts, figures
from incidents.brief_words import Part, fitted, shortened
from incidents.models import Brief, Incident
from incidents.permissions import require
from incidents.selectors.clocks import marks, milestones, next_clock
from incidents.selectors.timeline import newest
from incidents.services.requests import locked
from incidents.services.timeline import note_on
from incidents.timeline_words import DECISION

DECISIONS = 3  # the latest decisions a brief names
TITLE, SENTENCE = 60, 40  # characters


@transaction.atomic
def make_brief(incident: Incident, *, actor: User, now: datetime, seen_number: int) -> Brief:
    """Write the next brief. `seen_number` is the last one its maker saw: a second click gets what the first one made.

    Raises PermissionDenied.
    """
    incident = locked(incident)
    require(actor, "make_brief", incident)
    last = incident.briefs.first()
    if last is not None and last.number > seen_number:
        return last
    number = last.number + 1 if last else 1
    overview = figures.overview(incident, now)
    curve = figures.curve(incident, now)
    as_of = overview.as_of or now
    brief = incident.briefs.create(
        number=number,
        text=fitted(parts(incident, number, overview, as_of, now)),
        chart=charts.volume(curve, marks(incident, milestones(incident))) if curve else {},
        data_as_of=as_of,
        made_at=now,
        made_by=actor,
    )
    note_on(
        incident,
        "incidents.brief_made",
        actor=actor,
        now=now,
        detail={"number": number},
        url=brief.get_absolute_url(),
    )
    return brief


def parts(incident: Incident, number: int, overview: figures.Overview, as_of: datetime, now: datetime) -> list[Part]:
    """The lines of a brief, in order, in the language of whoever makes it."""
    head = _("[Brief] %(incident)s No. %(n)d") % {"incident": incident.number, "n": number}
    if incident.is_confidential:
        head += _(" (confidential)")
    level = _("Level: %(level)s, %(stage)s") % {"level": incident.level_label, "stage": incident.get_stage_display()}
    lines = [Part(head), Part(shortened(incident.title, TITLE)), Part(level)]
    if overview.posts:
        lines.append(Part(situation(overview), 8))
    for weight, line in zip((6, 5, 4), newest(incident, DECISION, DECISIONS), strict=False):
        at = timezone.localtime(line.entry.at)
        lines.append(Part(f"· {at:%m-%d %H:%M} {shortened(line.sentence, SENTENCE)}", weight))
    running = next_clock(incident)
    if running is not None:
        words = _("overdue since %(at)s") if running.due_at < now else _("due by %(at)s")
        due = words % {"at": f"{timezone.localtime(running.due_at):%m-%d %H:%M}"}
        lines.append(Part(_("Next: %(what)s, %(due)s") % {"what": running.label, "due": due}, 7))
    lines.append(Part(_("Data as of %(at)s") % {"at": f"{timezone.localtime(as_of):%Y-%m-%d %H:%M}"}))
    return lines


def situation(overview: figures.Overview) -> str:
    """One line of figures; the negative share is an estimate and says so."""
    words = _("Posts: %(posts)d, %(hour)d in the last hour; media reports: %(media)d") % {
        "posts": overview.posts,
        "hour": overview.last_hour,
        "media": overview.media,
    }
    if overview.negative_share is None:
        return words
    return words + _("; negative (estimate): %(share)d%%") % {"share": round(overview.negative_share * 100)}
