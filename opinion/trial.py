"""试跑: a rule tried on what was heard in the last days, before anybody relies on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from opinion import rules
from opinion.models import Heard
from opinion.text import excerpt, fold, pieces

MOST = 20_000  # texts looked at, the newest first
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """One text the rule wants: where and when, and an excerpt in pieces, True where its words stand."""

    heard: Heard
    say: list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Trial:
    """looked_at  texts there were; found  how many the rule wants; a day  on average; hits  the newest of them."""

    looked_at: int
    found: int
    a_day: float
    hits: list[Hit]


def try_rule(rule: str, *, now: datetime) -> Trial:
    """Run a rule over the heard buffer. Two queries. Raises rules.RuleError."""
    matcher = rules.Matcher({0: rules.read(rule)})
    since = now - timedelta(days=settings.HEARD_DAYS)
    recent = Heard.objects.filter(heard_at__gte=since).order_by("-heard_at", "-pk")
    looked_at, found, first_at = 0, [], now
    for pk, text, heard_at in recent.values_list("pk", "text", "heard_at")[:MOST].iterator(chunk_size=2000):
        looked_at, first_at = looked_at + 1, heard_at
        hits = matcher.match(fold(text).text).get(0)
        if hits is not None:
            found.append((pk, [hit.word for hit in hits]))
    shown = Heard.objects.select_related("source").in_bulk([pk for pk, _words in found[:SHOWN]])
    return Trial(
        looked_at=looked_at,
        found=len(found),
        a_day=len(found) / max((now - first_at) / timedelta(days=1), 1),
        hits=[
            Hit(shown[pk], pieces(excerpt(shown[pk].text, words), words)) for pk, words in found[:SHOWN] if pk in shown
        ],
    )
