"""How good the rules are, from the signals of the last month and what people said of them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitoring.models import Signal, SignalKind
from monitoring.signals.precision import Advice, Raised, Record, better_burst, summed
from monitoring.signals.thresholds import BURST, RISK_WORD
from opinion.models import Watch

DAYS = 30
MOST = 5000  # signals looked at, the newest first
WORDS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Rule:
    """One watch and one kind of reason: what became of the signals it raised, how many a day."""

    watch: Watch
    kind: str
    label: str
    record: Record
    a_day: float


@dataclass(frozen=True, slots=True)
class Quality:
    """all     every signal of the month    rules   the noisy first, then by how many they raised
    advice  by watch: a better threshold for bursts, worked out from the month
    words   risk words that raised false alarms, the most first
    """

    all: Record
    rules: list[Rule]
    advice: list[tuple[Watch, Advice]]
    words: list[tuple[str, Record]]


def quality(*, now: datetime) -> Quality:
    """The month up to `now`. Two queries. What went into another topic was nobody's judgement and is left out."""
    since = now - timedelta(days=DAYS)
    rows = Signal.objects.filter(opened_at__gte=since).exclude(closed_at__isnull=False, is_useful__isnull=True)
    signals = [
        _raised(*row) for row in rows.order_by("-opened_at").values_list("watch", "kind", "is_useful", "reasons")[:MOST]
    ]
    watches = Watch.objects.in_bulk({signal.rule[0] for signal in signals})
    rules = [
        Rule(watches[watch], kind, str(SignalKind(kind).label), record, (record.judged + record.waiting) / DAYS)
        for (watch, kind), record in summed((signal.rule, signal.useful) for signal in signals).items()
    ]
    by_watch: dict[int, list[Raised]] = defaultdict(list)
    for signal in signals:
        by_watch[signal.rule[0]].append(signal)
    advice = [(watches[pk], better) for pk, some in by_watch.items() if (better := better_burst(some))]
    of_words = summed((term, signal.useful) for signal in signals for term in signal.terms)
    words = [(word, record) for word, record in of_words.items() if record.false]
    return Quality(
        all=summed((None, signal.useful) for signal in signals).get(None, Record(0, 0, 0)),
        rules=sorted(rules, key=lambda rule: (not rule.record.is_noisy, -rule.a_day, rule.watch.name)),
        advice=[(watch, better) for watch, better in advice if (watch.burst_from or 0) < better.burst_from],
        words=sorted(words, key=lambda pair: (-pair[1].false, pair[1].useful, pair[0]))[:WORDS_SHOWN],
    )


def _raised(watch: int, kind: str, useful: bool | None, reasons: list[dict[str, Any]]) -> Raised:
    numbers = {reason["kind"]: reason["numbers"] for reason in reasons}
    return Raised(
        rule=(watch, kind),
        useful=useful,
        kinds=frozenset(numbers),
        posts=numbers.get(BURST, {}).get("posts"),
        terms=frozenset(numbers.get(RISK_WORD, {}).get("terms", ())),
    )
