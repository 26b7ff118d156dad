"""Vendors as people look at them: the league table, one account, its quarantine; what became of what they pushed."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Least, TruncDate
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.timezone import localdate

from accounts.secrets import decrypt
from monitoring.api.items import REASONS, Rejected, read_item
from monitoring.models import Push, PushedItem, Signal, Vendor, VendorKey
from opinion.masking import mask
from opinion.models import Post, Triage
from opinion.text import clean

WINDOW = timedelta(days=30)
MOST_DELAY = 86_400  # seconds: beyond a day a delay is just long
NEWEST_SHOWN, EACH_SHOWN = 200, 10  # quarantined items read for the page, and shown of each reason
TRIED = 50  # quarantined items a mapping is tried on
MOST_FIELDS, SHORT = 30, 200  # of an item as it is shown: fields, characters of each
Outcome = PushedItem.Outcome
COUNTS = ("items", "stored", "heard", "duplicate", "rejected")


@dataclass(slots=True)
class Standing:
    """A vendor in the league table, over the last 30 days. Shares are 0 to 1, None where there is nothing to divide.

    median, p90     delay from a post's own time to our hearing it
    first           of its stored posts, those that nobody else had told us before
    false_alarms    signals judged 误报 that cite its posts, of `judged` that were judged
    """

    vendor: Vendor
    items: int = 0
    stored: int = 0
    heard: int = 0
    duplicate: int = 0
    rejected: int = 0
    median: timedelta | None = None
    p90: timedelta | None = None
    told: int = 0
    first: int = 0
    false_alarms: int = 0
    judged: int = 0
    quarantined: int = 0
    last_push_at: datetime | None = None

    @property
    def duplicate_share(self) -> float | None:
        return self.duplicate / self.items if self.items else None

    @property
    def first_share(self) -> float | None:
        return self.first / self.told if self.told else None


def league(now: datetime) -> list[Standing]:
    """Every vendor, the one that was first most often on top. Ten queries, however many vendors."""
    standings = {vendor.pk: Standing(vendor) for vendor in Vendor.objects.all()}
    _fill(standings, now)
    return sorted(standings.values(), key=lambda one: (-(one.first_share or 0), -one.stored, one.vendor.name))


def standing(vendor: Vendor, now: datetime) -> Standing:
    """One vendor's line of the table."""
    one = {vendor.pk: Standing(vendor)}
    _fill(one, now)
    return one[vendor.pk]


def _fill(standings: dict[int, Standing], now: datetime) -> None:
    since, theirs = now - WINDOW, {"push__vendor__in": list(standings)}
    pushes = Push.objects.filter(vendor__in=list(standings)).order_by()
    for vendor, *sums in pushes.filter(received_at__gte=since).values_list("vendor").annotate(*map(Sum, COUNTS)):
        for name, number in zip(COUNTS, sums, strict=True):
            setattr(standings[vendor], name, number)
    for vendor, at in pushes.values_list("vendor").annotate(Max("received_at")):
        standings[vendor].last_push_at = at
    lately = PushedItem.objects.filter(**theirs, push__received_at__gte=since).order_by()
    for vendor, delays in _delays(lately).items():
        standings[vendor].median, standings[vendor].p90 = percentile(delays, 0.5), percentile(delays, 0.9)
    for vendor, told, first in _first(lately):
        standings[vendor].told, standings[vendor].first = told, first
    for vendor, judged, wrong in _judged(standings, since):
        standings[vendor].judged, standings[vendor].false_alarms = judged, wrong
    waiting = PushedItem.objects.filter(**theirs, outcome=Outcome.REJECTED, settled_at=None).order_by()
    for vendor, number in waiting.values_list("push__vendor").annotate(Count("pk")):
        standings[vendor].quarantined = number


Delays = list[tuple[int, int]]  # (seconds, posts), ascending


def _delays(items: QuerySet[PushedItem]) -> dict[int, Delays]:
    """How many posts came how late, by vendor: of those that were new to us."""
    new = items.filter(outcome__in=(Outcome.STORED, Outcome.HEARD), delay_seconds__isnull=False)
    rows = new.annotate(late=Least(F("delay_seconds"), Value(MOST_DELAY))).values_list("push__vendor", "late")
    found: dict[int, Delays] = defaultdict(list)
    for vendor, late, number in rows.annotate(Count("pk")).order_by("push__vendor", "late"):
        found[vendor].append((late, number))
    return found


def percentile(delays: Delays, share: float) -> timedelta:
    """The delay that `share` of the posts did not exceed (nearest rank)."""
    rank, passed = share * sum(number for _late, number in delays), 0
    for late, number in delays:
        passed += number
        if passed >= rank:
            return timedelta(seconds=late)
    raise ValueError("no delays")


def _first(items: QuerySet[PushedItem]) -> Iterable[tuple[int, int, int]]:
    """(vendor, stored posts, those nobody else had told before) by groups of reposts: an original and its copies."""
    stored = items.filter(outcome=Outcome.STORED)
    told = Counter(dict(stored.values_list("push__vendor").annotate(Count("pk"))))
    in_groups = stored.exclude(post__original=None, post__copy_count=0).annotate(
        lead=Coalesce("post__original", "post")
    )
    earliest: dict[int, list[tuple[datetime, int | None]]] = defaultdict(list)
    leads, teller = in_groups.values("lead"), "source__vendor_channel__vendor"
    originals = Post.objects.filter(pk__in=leads).order_by().values_list("pk", teller, "first_seen_at")
    copies = Post.objects.filter(original__in=leads).order_by().values_list("original", teller)
    for lead, vendor, at in (*originals, *copies.annotate(Min("first_seen_at"))):  # two queries: each has its index
        earliest[lead].append((at, vendor))
    late: Counter[int] = Counter()
    times = in_groups.values_list("push__vendor", "lead", "post__first_seen_at").annotate(Count("pk"))
    for vendor, lead, at, number in times:
        if any(other != vendor and others_at < at for others_at, other in earliest[lead]):
            late[vendor] += number
    return [(vendor, number, number - late[vendor]) for vendor, number in told.items()]


def _judged(vendors: Iterable[int], since: datetime) -> Iterable[tuple[int, int, int]]:
    """(vendor, signals that cite its posts and were judged, those judged false alarms)."""
    vendor = "posts__source__vendor_channel__vendor"
    cited = Signal.objects.filter(**{f"{vendor}__in": list(vendors)}, opened_at__gte=since, is_useful__isnull=False)
    return (
        cited.order_by()
        .values_list(vendor)
        .annotate(judged=Count("pk", distinct=True), wrong=Count("pk", distinct=True, filter=Q(is_useful=False)))
    )


# --- one account -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Day:
    """What a vendor pushed on one day, in the company's zone."""

    day: date
    items: int
    stored: int
    heard: int
    duplicate: int
    rejected: int


def days(vendor: Vendor, now: datetime, most: int = 14) -> list[Day]:
    """The last days, today first, those without a push too."""
    today = localdate(now)
    pushes = Push.objects.filter(vendor=vendor, received_at__gte=now - timedelta(days=most)).order_by()
    by_day = pushes.annotate(day=TruncDate("received_at")).values_list("day").annotate(*map(Sum, COUNTS))
    sums = {day: numbers for day, *numbers in by_day}
    return [Day(day, *sums.get(day, [0] * len(COUNTS))) for day in (today - timedelta(days=n) for n in range(most))]


def keys_of(vendor: Vendor) -> QuerySet[VendorKey]:
    return vendor.keys.select_related("made_by", "revoked_by")


# --- quarantine ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Quarantined:
    """A rejected item as a person sees it: masked. said: [(its name for a field, what it wrote)]; None once purged."""

    item: PushedItem
    said: list[tuple[str, str]] | None


@dataclass(slots=True)
class ByReason:
    """Rejected items of one reason, in one field; `items` are the newest of `number`."""

    reason: str
    where: str
    number: int
    items: list[Quarantined] = field(default_factory=list)

    @property
    def words(self) -> str | Promise:
        return REASONS[self.reason]


def in_quarantine(vendor: Vendor) -> QuerySet[PushedItem]:
    """The rejected items of a vendor that nobody has settled, the newest first."""
    return PushedItem.objects.filter(push__vendor=vendor, outcome=Outcome.REJECTED, settled_at=None).order_by("-pk")


def quarantine(vendor: Vendor) -> list[ByReason]:
    """What waits, by reason, the most frequent first. Two queries."""
    waiting = in_quarantine(vendor)
    counted = (
        waiting.order_by().values_list("reason", "field").annotate(n=Count("pk")).order_by("-n", "reason", "field")
    )
    groups = {(reason, where): ByReason(reason, where, number) for reason, where, number in counted}
    for item in waiting.select_related("push")[:NEWEST_SHOWN]:
        group = groups.get((item.reason, item.field))
        if group and len(group.items) < EACH_SHOWN:
            group.items.append(shown(item))
    return sorted(groups.values(), key=lambda group: (-group.number, group.reason, group.where))


def payload_of(item: PushedItem) -> Any:
    """A rejected item as the vendor wrote it."""
    return json.loads(decrypt(bytes(item.payload or b"")))


def shown(item: PushedItem) -> Quarantined:
    """An item with private numbers starred out."""
    if item.payload is None:
        return Quarantined(item, None)
    payload = payload_of(item)
    if not isinstance(payload, dict):
        return Quarantined(item, [("", _short(payload))])
    return Quarantined(item, [(_short(name), _short(value)) for name, value in list(payload.items())[:MOST_FIELDS]])


def _short(value: Any) -> str:
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return mask(clean(words, SHORT))


@dataclass(frozen=True, slots=True)
class Trial:
    """What another mapping would make of the quarantine. tried: [(item, what is wrong then, "" where nothing is)]."""

    readable: int
    tried: list[tuple[Quarantined, str | Promise, str]]


def try_mapping(vendor: Vendor, mapping: Mapping[str, str], now: datetime) -> Trial:
    """Read the newest quarantined items with a mapping that is not saved; changes nothing."""
    channels = dict.fromkeys(vendor.channels.values_list("code", flat=True))
    tried: list[tuple[Quarantined, str | Promise, str]] = []
    for item in in_quarantine(vendor).filter(payload__isnull=False)[:TRIED]:
        try:
            read_item(payload_of(item), mapping=mapping, channels=channels, now=now)
        except Rejected as rejected:
            tried.append((shown(item), REASONS[rejected.reason], rejected.field))
        else:
            tried.append((shown(item), "", ""))
    return Trial(sum(not words for _item, words, _field in tried), tried)


# --- what became of it -----------------------------------------------------------------------------------------------
STATES = {  # of a post, as far as it concerns who pushed it
    Triage.WAITING: "waiting",
    Triage.SNOOZED: "waiting",
    Triage.ATTACHED: "attached",
    Triage.IGNORED: "ignored",
    Triage.RIVAL: "ignored",
    Triage.UNDONE: "ignored",
}


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a pushed post. A repost shares the lot of its original.

    state     "" (no post), waiting, attached or ignored
    signal    "" (none), raised, useful or false_alarm: the best that was said of the signals that cite it
    incident  what VENDOR_OUTCOME_HOOKS know, "" where they know nothing
    """

    state: str = ""
    signal: str = ""
    incident: str = ""


def became(items: Sequence[PushedItem]) -> dict[int, Became]:
    """By key of the item. Needs `post` selected; two queries and those of the hooks."""
    leads = {item.pk: item.post.original_id or item.post.pk for item in items if item.post}
    states = dict(Post.objects.filter(pk__in=leads.values()).values_list("pk", "triage"))
    of_posts = Q(posts__in={item.post_id for item in items if item.post_id} | set(leads.values()))
    said: dict[int, set[bool | None]] = defaultdict(set)
    for post, is_useful in Signal.objects.filter(of_posts).order_by().values_list("posts", "is_useful"):
        said[post].add(is_useful)
    incidents: dict[int, str] = {}
    for name in settings.VENDOR_OUTCOME_HOOKS:
        incidents |= import_string(name)(set(leads.values()))
    return {
        item.pk: Became(
            STATES[Triage(states[leads[item.pk]])],
            _of_signals(said[leads[item.pk]] | said[item.post.pk]),
            incidents.get(leads[item.pk], ""),
        )
        if item.post and leads[item.pk] in states
        else Became()
        for item in items
    }


def _of_signals(said: set[bool | None]) -> str:
    if True in said:
        return "useful"
    return "" if not said else "raised" if None in said else "false_alarm"
