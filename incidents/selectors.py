"""Reads for the pages: the list, the approvals, milestones, clocks, and what an incident resembles."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from accounts.roles import LEADERS, Role
from accounts.selectors import people_with
from incidents.levels import CONFIRM_WITHIN, LEVELS, OPEN_STAGES, SPEAK_WITHIN, Level, Stage
from incidents.models import (
    Assessment,
    Incident,
    IncidentPost,
    LevelRequest,
    Membership,
    TimelineEntry,
    stands_in_for_a_leader,
)
from incidents.permissions import decides_as, deciding_roles
from incidents.timeline_words import MILESTONES, WORDS, events_in, events_of, headline
from opinion.grouping import likeness
from opinion.models import Match, Post
from opinion.search import Query


def open_count(user: User) -> int:
    """Incidents this person may see that are not over."""
    return Incident.objects.visible_to(user).open().count()


def incidents_for_list(user: User) -> QuerySet[Incident]:
    """What the list shows of each incident, in as many queries however many there are."""
    return (
        Incident.objects.visible_to(user)
        .select_related("lead", "department")
        .prefetch_related(
            Prefetch("level_requests", waiting_requests(), to_attr="waiting_requests"),
            Prefetch("timeline", TimelineEntry.objects.filter(event__in=events_of("said")), to_attr="words_said"),
            Prefetch("assessments", newest_assessments(), to_attr="newest_assessments"),
        )
    )


def waiting_requests() -> QuerySet[LevelRequest]:
    return LevelRequest.objects.filter(state=LevelRequest.State.REQUESTED).select_related("requested_by")


def newest_assessments() -> QuerySet[Assessment]:
    """The last one of each incident."""
    later = Assessment.objects.filter(incident=OuterRef("incident"), pk__gt=OuterRef("pk"))
    return Assessment.objects.filter(~Exists(later))


# --- approvals -------------------------------------------------------------------------------------------------------
def approvals_waiting(user: User) -> list[LevelRequest]:
    """Requests that wait and that this person may decide, the most urgent first."""
    if not user.holds(*LEADERS) and not stands_in_for_a_leader(user):
        return []
    seen = waiting_requests().filter(incident__in=Incident.everywhere.visible_to(user)).select_related("incident")
    seen = seen.prefetch_related("requested_by__groups")
    return sorted((each for each in seen if decides_as(user, each)), key=lambda each: each.due_at)


def approvals_waiting_count(user: User) -> int:
    return len(approvals_waiting(user))


def approvals_decided(user: User, limit: int = 10) -> QuerySet[LevelRequest]:
    """What this person decided lately, or somebody did in their name."""
    mine = Q(decided_by=user) | Q(acting_for=user)
    decided = LevelRequest.objects.filter(mine).exclude(state=LevelRequest.State.WITHDRAWN)
    return decided.select_related("incident", "requested_by", "decided_by").order_by("-decided_at")[:limit]


# --- milestones and clocks -------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Milestone:
    """One step of the stepper. state: done, now, or nothing yet."""

    code: str
    label: str | Promise
    at: datetime | None
    state: str


def milestones(incident: Incident) -> list[Milestone]:
    """发现 研判 定级 首次声明 平息 复盘, each with the time of its first timeline entry."""
    times: dict[str, datetime] = {"found": incident.first_known_at}
    events = {event: words.milestone for event, words in WORDS.items() if words.milestone}
    for event, at in incident.timeline.filter(event__in=events).order_by("at").values_list("event", "at"):
        times.setdefault(events[event], at)
    if incident.activated_at is None:
        times.pop("levelled", None)  # a level taken back leaves none behind
    if incident.stage in (Stage.TRIAGED, Stage.RESPONDING):
        times.pop("calmed", None)  # it came back
    codes = list(MILESTONES)
    furthest = max(codes.index(code) for code in codes if code in times)
    following = codes[furthest + 1] if furthest + 1 < len(codes) and incident.closed_at is None else None
    return [
        Milestone(code, label, times.get(code), "done" if code in times else "now" if code == following else "")
        for code, label in MILESTONES.items()
    ]


@dataclass(frozen=True, slots=True)
class Clock:
    """A time that runs: what for, from when to when, and when it was met."""

    label: str
    started: datetime
    due: datetime
    done: datetime | None = None
    note: str = ""


def next_clock(
    incident: Incident, request: LevelRequest | None, suggestion: str | None, said_at: datetime | None
) -> Clock | None:
    """The clock that matters now: the decision waited for, else the level to be set, else the first public word.

    suggestion  of the last assessment; says how much time there is until a level is set
    """
    if incident.closed_at is not None or incident.stage == Stage.REVIEWING:
        return None
    if request is not None:
        return Clock(
            _("Decision on %(level)s") % {"level": Level(request.to_level).label}, request.requested_at, request.due_at
        )
    if not incident.level:
        suggested = Level(int(suggestion)) if suggestion in ("1", "2", "3") else Level.THREE
        return Clock(
            _("Set the level"),
            incident.first_known_at,
            incident.first_known_at + CONFIRM_WITHIN[suggested],
            note=_("suggested: %(level)s") % {"level": suggested.label},
        )
    if incident.level == Level.THREE or (incident.stage != Stage.RESPONDING and said_at is None):
        return None  # 三级 need not be answered in public, and what has calmed without a word needs none
    within = SPEAK_WITHIN[Level(incident.level)]
    return Clock(
        _("First statement"),
        incident.first_known_at,
        incident.first_known_at + within,
        done=said_at,
        note=_("%(level)s: within %(n)d hours of finding out")
        % {"level": incident.level_label, "n": within // timedelta(hours=1)},
    )


def clock_of(incident: Incident) -> Clock | None:
    """`next_clock` of an incident of `incidents_for_list`."""
    request = next(iter(incident.waiting_requests), None)  # type: ignore[attr-defined]
    assessment = next(iter(incident.newest_assessments), None)  # type: ignore[attr-defined]
    said = min((entry.at for entry in incident.words_said), default=None)  # type: ignore[attr-defined]
    return next_clock(incident, request, assessment.suggestion if assessment else None, said)


def row_of(incident: Incident, line: list[int], now: datetime) -> dict[str, Any]:
    """What a list shows of an incident of `incidents_for_list`; `line` is its sparkline."""
    running = clock_of(incident)
    return {
        "incident": incident,
        "line": line,
        "clock": running,
        "left": running.due - now if running else None,
        "is_late": running is not None and running.due < now,
        "waiting": next(iter(incident.waiting_requests), None),  # type: ignore[attr-defined]
    }


def first_word_at(incident: Incident) -> datetime | None:
    said = incident.timeline.filter(event__in=events_of("said")).order_by("at").first()
    return said.at if said else None


def marks(incident: Incident) -> list[tuple[str, datetime]]:
    """What the curve is read against: the first post, the level, the first statement."""
    reached = {milestone.code: (str(milestone.label), milestone.at) for milestone in milestones(incident)}
    chosen = [reached[code] for code in ("levelled", "said", "calmed")]
    first = [(_("first post"), incident.first_post_at)]
    return [(name, at) for name, at in [*first, *chosen] if at is not None]


@dataclass(frozen=True, slots=True)
class Rung:
    """One level of the ladder: current, asked for, and who decides it."""

    level: Level
    is_current: bool
    is_asked: bool
    deciders: str


def ladder(incident: Incident, request: LevelRequest | None) -> list[Rung]:
    return [
        Rung(
            level=level,
            is_current=incident.level == level,
            is_asked=request is not None and request.to_level == level,
            deciders=deciders_in_words(incident.level, level),
        )
        for level in LEVELS
    ]


def deciders_in_words(*levels: int) -> str:
    """Who decides when these levels are at stake, short enough for a phone."""
    if set(deciding_roles(*levels)) == set(LEADERS):
        return _("any member of the leadership group")
    return _("group head or deputy")


# --- people ----------------------------------------------------------------------------------------------------------
def people_of(incident: Incident) -> list[User]:
    """Its lead and members."""
    members = [each.person for each in Membership.objects.current().filter(incident=incident).select_related("person")]
    return [*members, incident.lead] if incident.lead else members


def may_see(incident: Incident, people: Iterable[User]) -> list[User]:
    """Those of them who may know of it."""
    return [person for person in people if Incident.everywhere.visible_to(person).filter(pk=incident.pk).exists()]


def told_of_decisions(incident: Incident) -> list[User]:
    """Everybody a decision on it is told to, each once."""
    heads = may_see(incident, people_with(Role.TEAM_HEAD))
    return list({person.pk: person for person in [*people_of(incident), *people_with(*LEADERS), *heads]}.values())


# --- timeline --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Line:
    """A timeline entry as it is read: mark and tone, the sentence, who did it (and for whom), their own words."""

    entry: TimelineEntry
    mark: str | Promise
    tone: str
    sentence: str
    who: str


def timeline(incident: Incident, group: str = "", limit: int | None = None) -> list[Line]:
    """Entries newest first; `group` "decision" or "outward" shows only those."""
    entries = incident.timeline.select_related("actor", "acting_for")
    if group:
        entries = entries.filter(event__in=events_in(group))
    return [as_line(entry) for entry in entries[:limit]]


def as_line(entry: TimelineEntry) -> Line:
    words = WORDS.get(entry.event)
    who = str(entry.actor) if entry.actor else pgettext("actor", "the desk")
    return Line(
        entry=entry,
        mark=words.mark if words else "·",
        tone=words.tone if words else "",
        sentence=headline(entry.event, entry.detail, entry.before, entry.after, who),
        who=_("%(who)s, acting for %(principal)s") % {"who": who, "principal": entry.acting_for}
        if entry.acting_for
        else who,
    )


# --- likeness --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Likely:
    """An incident a post may belong to, and why, in words."""

    incident: Incident
    reason: str
    rank: int  # 0 shares a topic, 1 sounds alike, 2 shares a watch
    alike: float
    is_in: bool


ALIKE = 0.2  # cosine of words from which two texts may be about the same matter
COMPARED = 30  # open incidents whose words are compared


def likely_incidents(user: User, post: Post, limit: int = 5) -> list[Likely]:
    """Open incidents that share the post's topic or watch, or sound like it; the likeliest first. Constant queries."""
    post = post.original or post
    incidents = list(Incident.everywhere.visible_to(user).open().filter(exercise=post.exercise_id)[:COMPARED])
    matches = list(Match.objects.filter(post=post).values_list("topic", "watch"))
    topics, watches = {topic for topic, _watch in matches if topic}, {watch for _topic, watch in matches}
    by_topic = Counter(Incident.topics.through.objects.filter(topic__in=topics).values_list("incident", flat=True))
    by_watch = Counter(
        Incident.topics.through.objects.filter(topic__watch__in=watches).values_list("incident", flat=True)
    )
    inside = set(IncidentPost.objects.filter(post=post, detached_at__isnull=True).values_list("incident", flat=True))
    bags = words_of(incidents)
    mine = dict.fromkeys(post.tokens.split(), 1.0)
    found = []
    for incident in incidents:
        alike = likeness(mine, bags[incident.pk])
        if by_topic[incident.pk]:
            rank, reason = 0, _("the same topic")
        elif alike >= ALIKE:
            rank, reason = 1, _("sounds alike (%(share)d %%)") % {"share": round(alike * 100)}
        elif by_watch[incident.pk]:
            rank, reason = 2, _("found by the same watch")
        elif incident.pk in inside:
            rank, reason = 2, _("put in by hand")
        else:
            continue
        found.append(Likely(incident, reason, rank, alike, incident.pk in inside))
    return sorted(found, key=lambda each: (each.rank, -each.alike))[:limit]


def words_of(incidents: list[Incident], posts_each: int = 20) -> dict[int, dict[str, float]]:
    """The words of each incident's last posts, and in how many of them each stands."""
    bags: dict[int, Counter[str]] = {incident.pk: Counter() for incident in incidents}
    rows = IncidentPost.objects.filter(incident__in=incidents, detached_at__isnull=True).order_by("-pk")
    for pk, tokens in rows.values_list("incident", "post__tokens")[: posts_each * COMPARED]:
        bags[pk].update(set(tokens.split()))
    return {pk: dict(bag) for pk, bag in bags.items()}


def likely_duplicates(user: User, post: Post | None, title: str = "", limit: int = 3) -> list[Incident]:
    """Open incidents that what is about to be opened may already be."""
    if post is not None:
        return [each.incident for each in likely_incidents(user, post, limit) if each.rank < 2 or each.is_in]
    if not title.strip():
        return []
    return list(Incident.objects.visible_to(user).open().filter(title__icontains=title.strip())[:limit])


# --- search ----------------------------------------------------------------------------------------------------------
SEARCHED = 2000  # incidents that are read word for word, the newest


def found_by(user: User, query: Query | None, filters: Mapping[str, Any]) -> list[Incident]:
    """Incidents this person may see that a search wants, the newest first; `since`, `until`, `level` narrow it."""
    incidents = Incident.objects.visible_to(user).order_by("-opened_at", "-pk")
    for name, lookup in (("since", "opened_at__gte"), ("until", "opened_at__lt"), ("level", "level")):
        if filters.get(name) is not None:
            incidents = incidents.filter(**{lookup: filters[name]})
    near = incidents[:SEARCHED]
    return [
        incident
        for incident in near
        if query is None or query.wants(f"{incident.number}\n{incident.title}\n{incident.summary}")
    ]


def posts_at_level(user: User, level: int) -> QuerySet[IncidentPost, Any]:
    """Keys of the posts in incidents of a level, as far as this person may see them."""
    incidents = Incident.objects.visible_to(user).filter(level=level)
    return IncidentPost.objects.filter(incident__in=incidents, detached_at__isnull=True).values("post")


def outcomes_of_posts(posts: Iterable[int]) -> dict[int, str]:
    """What may be told outside of the incidents these posts are in: open, closed or false_alarm, by key of the post.

    Nothing of confidential ones. Of several the newest counts.
    """
    attached = IncidentPost.objects.filter(
        post__in=list(posts), detached_at__isnull=True, incident__is_confidential=False
    )
    rows = attached.order_by("incident__pk").values_list("post", "incident__stage")
    return {post: _told_outside(stage) for post, stage in rows}


def _told_outside(stage: str) -> str:
    if stage == Stage.DISMISSED:
        return "false_alarm"
    return "open" if stage in OPEN_STAGES else "closed"
