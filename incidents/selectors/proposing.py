"""What is proposed for a post, topic or signal, in words; and how often people did what was proposed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import User
from incidents.figures import measured
from incidents.levels import Level
from incidents.models import AffectedKind, Incident, Proposal
from incidents.proposals import Found, Home, propose
from incidents.selectors.likeness import likely_incidents
from incidents.selectors.origins import Origin
from incidents.selectors.reading import reading_of
from incidents.severity import compute
from incidents.timeline_words import SUGGESTIONS
from incidents.words import RED_LINES
from monitoring.models import Signal

DAYS = 30  # over which precision is shown
REASONS: dict[str, str | Promise] = {
    "same_topic": _("Its topic belongs to that incident."),
    "alike": _("It sounds like that incident's last posts (%(share)s %%)."),
    "signal": _("Its signal suggests %(level)s."),
    "red_line": _("Red line: %(code)s."),
    "posts": ngettext_lazy(
        "%(posts)s post in 24 hours, %(negative)s negative.",
        "%(posts)s posts in 24 hours, %(negative)s negative.",
        "posts",
    ),
    "severity": _("Severity estimate %(index)s, with %(confidence)s%% of the weights known."),
    "nothing_lately": _("Nothing was said of it in the last 24 hours."),
    "not_negative": _("Nothing negative is said, and no signal has risen."),
    "few": _("Fewer than %(fewest)s negative posts, and no signal has risen: it stays in its topic and is counted."),
    "not_grave": _("Neither its severity nor a signal asks for a level."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal as a page shows it; `incident` is the one to put it into, `harms` what a new one would affect."""

    origin: Origin
    kind: str
    incident: Incident | None
    suggestion: str
    suggestion_words: str | Promise
    reasons: list[str]
    harms: list[AffectedKind]


def proposal_for(origin: Origin, person: User, now: datetime) -> Shown:
    """Worked out from what this person may see. A constant number of queries."""
    proposed = propose(found_of(origin, person, now))
    incident = Incident.everywhere.get(pk=proposed.incident) if proposed.incident else None
    kinds = {kind.code: kind for kind in AffectedKind.objects.filter(code__in=proposed.harms, retired_at=None)}
    return Shown(
        origin=origin,
        kind=proposed.kind,
        incident=incident,
        suggestion=proposed.suggestion,
        suggestion_words=SUGGESTIONS[proposed.suggestion],
        reasons=[in_words(code, numbers) for code, numbers in proposed.reasons],
        harms=[kinds[code] for code in proposed.harms if code in kinds],
    )


def found_of(origin: Origin, person: User, now: datetime) -> Found:
    counted = measured(origin.posts.select_related("source"), now)
    signal = origin.signal or open_signal(origin)
    return Found(
        home=home_of(origin, person),
        signal=signal.suggestion if signal is not None and signal.closed_at is None else "",
        estimate=compute(reading_of(counted, now).inputs),
        posts=counted.posts,
        negative=counted.negative_posts,
        categories=counted.categories,
    )


def open_signal(origin: Origin) -> Signal | None:
    return Signal.everywhere.filter(topic__in=origin.topics, closed_at=None).order_by("suggestion", "pk").first()


def home_of(origin: Origin, person: User) -> Home | None:
    post = origin.post or origin.posts.order_by("-published_at", "-pk").first()
    likely = likely_incidents(person, post, limit=1) if post is not None else []
    if not likely:
        return None
    return Home(likely[0].incident.pk, shares_topic=likely[0].rank == 0, alike=likely[0].alike)


def in_words(code: str, numbers: Mapping[str, Any]) -> str:
    """A reason as a sentence: codes of levels and red lines become words."""
    said = dict(numbers)
    if "level" in said:
        said["level"] = SUGGESTIONS.get(said["level"], Level.UNSET.label)
    if code == "red_line":
        said["code"] = RED_LINES[said["code"]]
    return str(REASONS[code] % said)


# --- how good they are -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Record:
    """What became of the proposals of one kind."""

    kind: str
    label: str | Promise
    made: int
    followed: int

    @property
    def precision(self) -> float | None:
        """Share that people followed; None while none was made."""
        return self.followed / self.made if self.made else None


def precision_of_proposals(now: datetime) -> list[Record]:
    """The live desk's last 30 days, by kind of proposal. One query; what was taken back says nothing."""
    rows = Proposal.objects.filter(
        at__gte=now - timedelta(days=DAYS),
        undone_at=None,
        post__exercise=None,
        topic__exercise=None,
        signal__exercise=None,
    )
    made: dict[str, list[bool]] = {kind: [] for kind in Proposal.Kind.values}
    for row in rows:
        made[row.proposed].append(row.was_followed)
    return [Record(kind, Proposal.Kind(kind).label, len(followed), sum(followed)) for kind, followed in made.items()]
