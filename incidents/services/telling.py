"""Who hears of what happened to an incident, in the company's language."""

from collections.abc import Iterable

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import people_with
from incidents.levels import Level
from incidents.models import Incident, LevelRequest, TimelineEntry
from incidents.permissions import deciders_of
from incidents.selectors.people import may_see, people_of, told_of_decisions
from incidents.timeline_words import DECISION, WORDS, headline
from notices.models import Urgency
from notices.services import notify

LEVEL_URGENCY = {Level.ONE: Urgency.NOW, Level.TWO: Urgency.SOON, Level.THREE: Urgency.SOON, Level.UNSET: Urgency.CALM}


def tell(incident: Incident, entry: TimelineEntry, also: Iterable[User] = ()) -> None:
    """Tell the people of an incident what just happened; decisions also reach the leadership and the team head."""
    words = WORDS.get(entry.event)
    is_decision = words is not None and words.group == DECISION
    people = told_of_decisions(incident) if is_decision else people_of(incident)
    with translation.override(settings.LANGUAGE_CODE):
        notify(
            others([*people, *also], entry.actor),
            event=entry.event,
            subject=_("%(incident)s: %(what)s")
            % {
                "incident": incident.public_name,
                "what": said(entry),
            },
            url=incident.get_absolute_url(),
            urgency=LEVEL_URGENCY[Level(incident.level)],
            exercise=incident.exercise,
        )


def tell_opened(incident: Incident, actor: User) -> None:
    """The team head and whoever leads it hear of a new incident at once."""
    with translation.override(settings.LANGUAGE_CODE):
        notify(
            others([*people_of(incident), *may_see(incident, people_with(Role.TEAM_HEAD))], actor),
            event="incidents.opened",
            subject=_("New incident %(incident)s") % {"incident": incident.public_name},
            url=incident.get_absolute_url(),
            urgency=Urgency.SOON,
            exercise=incident.exercise,
        )


def tell_joined(incident: Incident, person: User, actor: User) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        notify(
            others([person], actor),
            event="incidents.member_added",
            subject=_("You now work on %(incident)s") % {"incident": incident.public_name},
            url=incident.get_absolute_url(),
            exercise=incident.exercise,
        )


def tell_handed_over(incident: Incident, people: Iterable[User | None], actor: User) -> None:
    """Another department or lead has it; who hears of it may see it."""
    there = {person.pk: person for person in people if person is not None}.values()
    with translation.override(settings.LANGUAGE_CODE):
        words = {
            "incident": incident.public_name,
            "lead": incident.lead or "—",
            "department": incident.department or "—",
        }
        notify(
            others(may_see(incident, there), actor),
            event="incidents.handed_over",
            subject=_("%(incident)s: led by %(lead)s, owned by %(department)s") % words,
            url=incident.get_absolute_url(),
            urgency=LEVEL_URGENCY[Level(incident.level)],
            exercise=incident.exercise,
        )


def tell_deciders(request: LevelRequest, *, reminder: bool = False) -> list[User]:
    """Ask the people who may decide a request: level, incident, who asks, until when, link; nothing of the content."""
    people = deciders_of(request)
    names = {
        "level": Level(request.to_level).label,
        "incident": request.incident.public_name,
        "who": request.requested_by,
    }
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Still waiting for your decision: %(level)s for %(incident)s, asked by %(who)s")
        if not reminder:
            subject = _("Please decide: %(level)s for %(incident)s, asked by %(who)s")
        notify(
            people,
            event="incidents.deciders_reminded" if reminder else "incidents.level_requested",
            subject=subject % names,
            url=request.get_absolute_url(),
            urgency=LEVEL_URGENCY[Level(request.to_level)],
            exercise=request.incident.exercise,
        )
    return people


def tell_requester(request: LevelRequest, entry: TimelineEntry) -> None:
    """Say to who asked how it ended, when nothing moved."""
    with translation.override(settings.LANGUAGE_CODE):
        notify(
            others([request.requested_by], entry.actor),
            event=entry.event,
            subject=_("%(incident)s: %(what)s") % {"incident": request.incident.public_name, "what": said(entry)},
            url=request.get_absolute_url(),
            exercise=request.incident.exercise,
        )


def said(entry: TimelineEntry) -> str:
    return headline(entry.event, entry.detail, entry.before, entry.after, str(entry.actor or ""))


def others(people: Iterable[User], actor: User | None) -> list[User]:
    """Nobody is told of what they did themselves."""
    return [person for person in people if actor is None or person.pk != actor.pk]
