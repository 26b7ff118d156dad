"""试跑 of signals: what a changed watch would have raised in the last days, beside what it raises as it is.

What was heard is replayed in an exercise of its own, with both watches, by a worker; a person sees how far it is.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from monitoring.selectors.replays import told
from monitoring.services.replaying import Asked, replay
from opinion.models import Heard, Watch, WatchTrial
from opinion.permissions import require
from opinion.raw import RawPost
from opinion.trial import heard_by

MOST = 5000  # texts replayed, the newest
LEASE = timedelta(minutes=10)  # longer than so many take
EVERY = 50  # texts after which a person is told how far it is
CHANGED, AS_IT_IS = "changed", "as it is"


@transaction.atomic
def start(asked: dict[str, Any], *, watch: Watch | None, actor: User, now: datetime) -> WatchTrial:
    """Ask for a trial. asked: rule, burst_from, languages and source_classes as they stand in the form."""
    require(actor, "edit_watches")
    return WatchTrial.objects.create(watch=watch, asked=asked, by=actor, at=now)


def work(clock: Callable[[], datetime]) -> WatchTrial | None:
    """Take up the oldest trial nobody is at, and run it; None where there is none."""
    now = clock()
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    waiting = WatchTrial.objects.filter(free, ended_at__isnull=True)
    trial = waiting.select_related("watch").order_by("at", "pk").first()
    if trial is None or not waiting.filter(pk=trial.pk).update(leased_until=now + LEASE):
        return None
    trial.result, trial.ended_at = _run(trial, now), clock()
    trial.save(update_fields=["result", "ended_at"])
    return trial


def _run(trial: WatchTrial, now: datetime) -> dict[str, Any]:
    """The signals of both watches: {changed: [...], as it is: [...]}; the second is missing for a new watch."""
    changed = Watch(name=CHANGED, **trial.asked)
    watches = [changed]
    if trial.watch:
        was = trial.watch
        fields = ("rule", "burst_from", "languages", "source_classes")
        watches.append(Watch(name=AS_IT_IS, **{name: getattr(was, name) for name in fields}))
    heard = heard_by(watches, now=now, most=MOST)
    WatchTrial.objects.filter(pk=trial.pk).update(total=len(heard), done=0)

    def so_far(done: int, at: datetime) -> None:
        if done % EVERY == 0:
            WatchTrial.objects.filter(pk=trial.pk).update(done=done)

    posts = [(text.source.name, _as_post(text)) for text in heard]
    sources = {text.source.name: text.source for text in heard}
    ran = replay(
        f"trial {trial.uuid}", posts, [_asked(watch, trial.watch) for watch in watches], told=so_far, like=sources
    )
    WatchTrial.objects.filter(pk=trial.pk).update(done=len(heard))
    signals = told(ran.exercise)["signals"]
    return {
        watch.name: [
            {name: signal[name] for name in ("title", "kind", "suggested_level", "opened_at", "reasons")}
            for signal in signals
            if signal["watch"] == watch.name
        ]
        for watch in watches
    }


def _as_post(heard: Heard) -> RawPost:
    title, _newline, text = heard.text.partition("\n")
    return RawPost(heard.external_id, title, text, "", "", heard.published_at)


def _asked(watch: Watch, terms_of: Watch | None) -> Asked:
    return Asked(
        name=watch.name,
        rule=watch.rule,
        burst_from=watch.burst_from,
        languages=watch.languages,
        source_classes=watch.source_classes,
        terms_of=terms_of,
    )
