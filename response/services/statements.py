"""Acts on statements up to the submission: start, save, submit, revise."""

import json
import unicodedata
from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from accounts.versions import Stale, save_if_current
from incidents.levels import OPEN_STAGES, Level
from incidents.models import Incident, LevelRequest
from incidents.permissions import last_decision
from incidents.refusals import Vetoed
from incidents.services.numbering import next_number
from incidents.services.timeline import note_on
from response.channels.newsroom.channel import address_of
from response.models import Fact, HoldingText, Release, Statement, StatementVersion, Task
from response.notnow import NotNow
from response.permissions import require
from response.selectors.statements import blockers_of, findings_of, is_prepared, last_released
from response.services.signing import ask_signers, raise_signatures
from response.templates_of_statements import filled, template
from response.wording import fact_numbers, open_places

State = StatementVersion.State
SERIES = "SM"
OWN_WORDS = ("wechat", "weibo")  # the channels that may have a text of their own; the newsroom has the full one
UNFIT = frozenset("\ufffe\uffff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LEVEL_STEPS = ("set_level_three", "set_level_two", "set_level_one", "unset_level")


def after_step(step: str, incident: Incident, *, actor: User, now: datetime) -> None:
    """Incident hook: at a graver level a statement that has not left yet needs the graver level's signatures.

    Vetoes taking a decision back once a statement has left on its strength: then only 降级 remains; and the archive
    while a public promise is neither kept nor given up with a reason.
    """
    if step == "archive":
        veto_while_promised(incident)
    if step not in LEVEL_STEPS:
        return
    last = last_decision(incident)
    if last is not None and last.state == LevelRequest.State.TAKEN_BACK:
        left = Release.everywhere.filter(version__statement__incident=incident, sent_at__gte=last.decided_at)
        if left.exists():
            raise Vetoed(_("A statement has left since this decision. Ask for a lower level instead."))
    if incident.level:
        raise_signatures(incident, now=now)


def veto_while_promised(incident: Incident) -> None:
    waiting = incident.promises.filter(task__state__in=Task.UNFINISHED).first()
    if waiting is not None:
        raise Vetoed(_("A public promise is not kept yet: %(promise)s") % {"promise": waiting.sentence})


def hash_of(title: str, text: str, channel_words: Mapping[str, str] | None = None) -> str:
    """What a signature is bound to: every word that may leave the house."""
    own = json.dumps(channel_words, ensure_ascii=False, sort_keys=True) if channel_words else ""
    return sha256(f"{title}\n{text}{own and chr(0)}{own}".encode()).hexdigest()


def fingerprint(version: StatementVersion) -> str:
    """The hash of a version as its words stand in the row."""
    return hash_of(version.title, version.text, version.channel_words)


def tidy(text: str) -> str:
    """Text as it is kept: plain newlines, no blank ends, nothing that XML forbids or that turns the reading round."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(sign for sign in lines if sign == "\n" or not is_unfit(sign)).strip()


def is_unfit(sign: str) -> bool:
    """Control characters, surrogates, private use, noncharacters, and the overrides that make text read backwards."""
    return unicodedata.category(sign) in ("Cc", "Cs", "Co") or sign in UNFIT


def still_open(*texts: str) -> str:
    """The sentence that names what of a template was not filled in; "" where nothing is open."""
    places = [place for text in texts for place in open_places(text)]
    names = pgettext("between items of a list", ", ").join(dict.fromkeys(places))
    return _("Still to be filled in: %(names)s.") % {"names": names} if places else ""


@transaction.atomic
def start_statement(
    incident: Incident,
    *,
    kind: str,
    actor: User,
    now: datetime,
    cluster: str = "",
    intensifiers: Collection[str] = (),
    holding: HoldingText | None = None,
    slots: Mapping[str, str] | None = None,
) -> StatementVersion:
    """A first draft from a template, its slots filled from the incident where we know the words.

    cluster  who is held responsible, as the writer sees it; intensifiers: codes of what makes it graver
    holding  a text approved in peacetime, taken instead of the template; slots: the words for its slots by name
    Raises PermissionDenied, NotNow for a closed incident or a holding text that may not be used.
    """
    require(actor, "draft_statement", incident)
    if incident.stage not in OPEN_STAGES:
        raise NotNow(_("This incident is closed."))
    if holding is not None and not holding.is_in_force(timezone.localdate(now)):
        raise NotNow(_("This holding text is not in force: it has expired, or is not signed."))
    statement = Statement.everywhere.create(
        incident=incident,
        number=next_number(SERIES, now=now, exercise=incident.exercise),
        kind=kind,
        cluster=cluster,
        intensifiers=list(intensifiers),
        holding=holding,
        drafted_by=actor,
        created_at=now,
        exercise=incident.exercise,
    )
    known = {**known_words(statement), **{name: tidy(words) for name, words in (slots or {}).items()}}
    form = holding or template(kind)
    title, text = tidy(filled(form.title, known))[:120], tidy(filled(form.text, known))
    version = first_version(statement, title, text, actor=actor, now=now)
    detail = {"number": statement.number, "kind": kind, "cluster": cluster, "intensifiers": list(intensifiers)}
    note_on(
        incident, "response.statement_drafted", actor=actor, now=now, detail=detail, url=statement.get_absolute_url()
    )
    return version


def known_words(statement: Statement) -> dict[str, str]:
    """What the desk can fill into a template's slots by itself; a slot without words stays open."""
    return {
        **known_at_start(statement.incident),
        "官网": address_of(statement.number),
        "编号": statement.number,
    }


def known_at_start(incident: Incident) -> dict[str, str]:
    """What the incident itself tells: the words for slots that do not need the statement's number."""
    known_at = timezone.localtime(incident.first_known_at)
    before = last_released(incident)
    return {
        "获知时间": f"{known_at.month}月{known_at.day}日{known_at:%H:%M}",
        "事项": incident.title,
        "公司": settings.COMPANY_NAME,
        "上一份声明": f"{before.statement.number}《{before.title}》" if before else "",
        **promises_in_words(incident),
    }


def promises_in_words(incident: Incident) -> dict[str, str]:
    """What was promised in public and what became of it, for T4 and T6. Our own sentences in the company's language."""
    public = list(incident.promises.filter(public_at__isnull=False).select_related("task"))
    kept = [promise.sentence.rstrip("。；;") for promise in public if promise.is_kept]
    open_ = [promise.sentence.rstrip("。；;") for promise in public if not promise.is_kept]
    lines = [f"{promise.sentence.rstrip('。；;')}（{'已完成' if promise.is_kept else '未完成'}）" for promise in public]
    return {
        "已完成的承诺": "：" + "；".join(kept) if kept else "",
        "未完成的承诺": "：" + "；".join(open_) if open_ else "",
        "全部承诺完成情况": "；".join(lines),
    }


def first_version(statement: Statement, title: str, text: str, *, actor: User, now: datetime) -> StatementVersion:
    version = StatementVersion.objects.create(
        statement=statement,
        number=1,
        title=title,
        text=text,
        text_hash=hash_of(title, text),
        written_by=actor,
        created_at=now,
        saved_at=now,
    )
    version.writers.add(actor)
    return version


@transaction.atomic
def save_draft(
    version: StatementVersion,
    *,
    actor: User,
    now: datetime,
    seen_version: int,
    title: str,
    text: str,
    change_note: str | None = None,
    channel_words: Mapping[str, str] | None = None,
) -> StatementVersion:
    """Keep what was typed. Whoever changes a word becomes one of its writers and cannot sign it.

    change_note    what changed since the version that is out, and why; None leaves it
    channel_words  a person's own text by channel; an empty one gives the channel its made text back; None leaves them
    Raises PermissionDenied, NotNow, Stale.
    """
    is_draft_still(version, seen_version)
    require(actor, "edit_statement", version)
    title, text = " ".join(tidy(title).split()), tidy(text)
    if change_note is not None:
        version.change_note = tidy(change_note)
    own = version.channel_words if channel_words is None else own_words(channel_words)
    if (title, text, own) != (version.title, version.text, version.channel_words):
        version.writers.add(actor)
        version.written_by = actor
    version.title, version.text, version.channel_words, version.saved_at = title, text, own, now
    version.text_hash = fingerprint(version)
    fields = ["title", "text", "channel_words", "text_hash", "change_note", "written_by", "saved_at"]
    save_if_current(version, seen_version, fields)
    numbers = fact_numbers(title, "\n".join([text, *own.values()]))
    version.facts.set(Fact.objects.filter(incident=version.statement.incident_id, number__in=numbers))
    return version


def own_words(typed: Mapping[str, str]) -> dict[str, str]:
    """The texts people wrote for channels that have their own, without the empty ones."""
    kept = {name: tidy(typed.get(name, "")) for name in OWN_WORDS}
    return {name: words for name, words in kept.items() if words}


@transaction.atomic
def submit(version: StatementVersion, *, actor: User, now: datetime, seen_version: int) -> StatementVersion:
    """Ask for the signatures its level needs. From here on the text does not change.

    Raises PermissionDenied, Stale, NotNow (no level yet, a blocking finding, a correction without its whole reason).
    """
    is_draft_still(version, seen_version)
    require(actor, "submit_statement", version)
    statement = version.statement
    incident = Incident.everywhere.get(pk=statement.incident_id)
    prepared = is_prepared(version, timezone.localdate(now))
    if incident.level == Level.UNSET and not prepared:
        raise NotNow(_("The level is not set yet, and it says who signs. Ask for a level first."))
    found = findings_of(version)
    if blockers_of(version, found):
        raise NotNow(_("The checks block it: see what is marked, and change it first."))
    if not version.change_note and is_out(statement):
        raise NotNow(_("An earlier version is public: say what changed and why. It will be published with it."))
    if says := still_open(version.change_note):
        raise NotNow(says)
    version.state, version.submitted_at, version.submitted_by, version.level = (
        State.IN_REVIEW,
        now,
        actor,
        incident.level,
    )
    save_if_current(version, seen_version, ["state", "submitted_at", "submitted_by", "level"])
    ask_signers(version, is_flagged=bool(found), one_signature=prepared)
    note_on(
        incident,
        "response.statement_submitted",
        actor=actor,
        now=now,
        detail={"number": statement.number, "version": version.number, "text_hash": version.text_hash},
        url=statement.get_absolute_url(),
    )
    return version


@transaction.atomic
def revise(version: StatementVersion, *, actor: User, now: datetime) -> StatementVersion:
    """Go on writing: the next version, a draft with the same words. The signatures of this one are void, and what of it
    still waited to be sent stays here. Raises PermissionDenied, NotNow, Stale."""
    require(actor, "revise_statement", version)
    locked = StatementVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    if locked.state not in (State.IN_REVIEW, State.RELEASABLE):
        raise Stale(version)
    locked.state = State.SUPERSEDED
    save_if_current(locked, locked.version, ["state"])
    stopped = Release.everywhere.filter(version=locked, state=Release.State.QUEUED)
    with translation.override(settings.LANGUAGE_CODE):
        stopped.update(state=Release.State.REFUSED, words=_("The text was revised before it left."))
    statement = version.statement
    following = StatementVersion.objects.create(
        statement=statement,
        number=locked.number + 1,
        title=locked.title,
        text=locked.text,
        channel_words=locked.channel_words,
        text_hash=locked.text_hash,
        written_by=actor,
        created_at=now,
        saved_at=now,
    )
    following.writers.set([*locked.writers.all(), actor])
    following.facts.set(locked.facts.all())
    note_on(
        statement.incident,
        "response.statement_revised",
        actor=actor,
        now=now,
        detail={"number": statement.number, "version": following.number},
        url=statement.get_absolute_url(),
    )
    return following


def is_out(statement: Statement) -> bool:
    """Whether some version of it was ever published."""
    return Release.everywhere.filter(version__statement=statement, sent_at__isnull=False).exists()


def is_draft_still(version: StatementVersion, seen_version: int) -> None:
    """Raises Stale if the draft changed since the person saw it, NotNow if it is no draft any more."""
    if version.version != seen_version:
        raise Stale(version)
    if version.state != State.DRAFT:
        raise NotNow(_("This version is no draft any more. Revise it to go on writing."))
