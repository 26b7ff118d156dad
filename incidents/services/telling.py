"""Who hears of what happened to an incident, in the company's language."""

from collections.abc import Iterable

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import leadership_group, people_with
from incidents.levels import Level
from incidents.models import Incident, LevelRequest, TimelineEntry
from incidents.permissions import deciders_of
from incidents.selectors.people import may_see, people_of, told_of_decisions
from incidents.timeline_words import DECISION, WORDS, headline
from notices.models import Urgency
from notices.services import notify

LEVEL_URGENCY = {Level.ONE: Urgency.NOW, Level.TWO: Urgency.SOON, Level.THREE: Urgency.CALM, Level.UNSET: Urgency.CALM}
LEVEL_MOVED = ("incidents.level_confirmed", "incidents.level_decided_otherwise")


def tell(incident: Incident, entry: TimelineEntry, also: Iterable[User] = (), told: Iterable[User] = ()) -> None:
    """Tell the people of an incident what just happened; decisions also reach the leadership and the team head.

    told  who has just been told of it in words of their own, and hears nothing twice
    A decision on an incident that is not confidential is posted in the group chats; 一级 asks everybody for a 收到.
    """
    words = WORDS.get(entry.event)
    is_decision = words is not None and words.group == DECISION
    people = told_of_decisions(incident) if is_decision else people_of(incident)
    heard = {person.pk for person in told}
    with translation.override(settings.LANGUAGE_CODE):
        notify(
            [person for person in others([*people, *also], entry.actor) if person.pk not in heard],
            event=entry.event,
            subject=_("%(incident)s: %(what)s")
            % {
                "incident": incident.public_name,
                "what": said(entry),
            },
            url=incident.get_absolute_url(),
            urgency=LEVEL_URGENCY[Level(incident.level)],
            about=incident.about,
            for_groups=is_decision and not incident.is_confidential,
            acknowledge=entry.event in LEVEL_MOVED and incident.level == Level.ONE,
            sender=entry.actor,
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
            about=incident.about,
            exercise=incident.exercise,
        )


def tell_joined(incident: Incident, person: User, actor: User) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        notify(
            others([person], actor),
            event="incidents.member_added",
            subject=_("You now work on %(incident)s") % {"incident": incident.public_name},
            url=incident.get_absolute_url(),
            about=incident.about,
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
            about=incident.about,
            exercise=incident.exercise,
        )


def tell_deciders(request: LevelRequest, *, reminder: bool = False) -> list[User]:
    """Ask the people who may decide a request: level, incident, who asks, until when, link; nothing of the content.

    It asks for a 收到: if no decider gives one, the rest of the leadership is told, and can walk over to them.
    """
    people = deciders_of(request)
    tell_of_request(
        request, people, "incidents.deciders_reminded" if reminder else f"incidents.{request.kind}_requested"
    )
    return people


def tell_of_request(request: LevelRequest, people: Iterable[User], event: str) -> None:
    """Send people to the page of a request: level, incident, who asks; nothing of the content."""
    with translation.override(settings.LANGUAGE_CODE):
        names = {
            "what": asked_for(request),
            "incident": request.incident.public_name,
            "who": request.requested_by,
        }
        notify(
            people,
            event=event,
            subject=ASKING.get((event, request.is_provisional), ASKING[(event, False)]) % names,
            url=request.get_absolute_url(),
            urgency=Urgency.NOW if request.is_provisional else LEVEL_URGENCY[Level(request.to_level)],
            about=request.incident.about,
            acknowledge=event in CALLS,
            answered_there=True,
            then=others(leadership_group(), request.requested_by),
            sender=request.requested_by,
            exercise=request.incident.exercise,
        )


CALLS = ("incidents.level_requested", "incidents.end_requested", "incidents.approval_recorded")  # ask for a 收到
# (event, whether it is in force provisionally): what somebody is sent to a request's page for
ASKING = {
    ("incidents.level_requested", False): gettext_lazy("Please decide: %(what)s for %(incident)s, asked by %(who)s"),
    ("incidents.level_requested", True): gettext_lazy(
        "In force provisionally, please ratify or revoke: %(what)s for %(incident)s, started by %(who)s"
    ),
    ("incidents.end_requested", False): gettext_lazy("Please decide: %(what)s for %(incident)s, asked by %(who)s"),
    ("incidents.deciders_reminded", False): gettext_lazy(
        "Still waiting for your decision: %(what)s for %(incident)s, asked by %(who)s"
    ),
    ("incidents.deciders_reminded", True): gettext_lazy(
        "Still not ratified: %(what)s for %(incident)s, started by %(who)s. Whoever reaches the group head or a deputy:"
        " have them decide, or record their word."
    ),
    ("incidents.approval_recorded", False): gettext_lazy(
        "Please countersign what you are said to have approved: %(what)s for %(incident)s"
    ),
    ("incidents.countersignature_missed", False): gettext_lazy(
        "Not countersigned within 24 hours: %(what)s for %(incident)s"
    ),
}


def asked_for(request: LevelRequest) -> str:
    return _("the end of the response") if request.is_end else str(Level(request.to_level).label)


def tell_requester(request: LevelRequest, entry: TimelineEntry) -> None:
    """Say to who asked how it ended, when nothing moved."""
    with translation.override(settings.LANGUAGE_CODE):
        notify(
            others([request.requested_by], entry.actor),
            event=entry.event,
            subject=_("%(incident)s: %(what)s") % {"incident": request.incident.public_name, "what": said(entry)},
            url=request.get_absolute_url(),
            about=request.incident.about,
            exercise=request.incident.exercise,
        )


def may_know(person: User | None, key: str) -> bool:
    """Whether this person may know of the incident of that uuid now; None: everybody in a group chat."""
    if person is None:
        return Incident.everywhere.filter(uuid=key, is_confidential=False).exists()
    return Incident.everywhere.visible_to(person).filter(uuid=key).exists()


def said(entry: TimelineEntry) -> str:
    return headline(entry.event, entry.detail, entry.before, entry.after, str(entry.actor or ""))


def others(people: Iterable[User], actor: User | None) -> list[User]:
    """Nobody is told of what they did themselves."""
    return [person for person in people if actor is None or person.pk != actor.pk]
