"""已并入 and 拆分: incidents put together or taken apart, each with its undo (docs/adr/0029)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Min, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import User
from incidents.figures import posts_of
from incidents.levels import OPEN_STAGES
from incidents.models import Incident, IncidentChange, IncidentPost, Membership
from incidents.permissions import deciding_roles, require, sees
from incidents.refusals import Refused, check_reason
from incidents.selectors.people import may_see, people_of
from incidents.selectors.regrouping import why_not_undone
from incidents.services import assessing
from incidents.services.move import move
from incidents.services.numbering import next_number
from incidents.services.opening import find_first_post
from incidents.services.stages import leave
from incidents.services.telling import tell_opened
from incidents.services.timeline import note_on
from opinion.models import Match, Post, Topic


# --- merging ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def merge(incident: Incident, into: Incident, *, actor: User, now: datetime, note: str) -> Incident:
    """已并入: topics, signals, posts and members of `incident` go on in `into`; its own record stays where it is.

    Its open tasks are cancelled (response hears of the step). Members do not come along into a confidential incident:
    whoever needs to know there is added there. Raises PermissionDenied, and Refused when `into` is the same, closed,
    less grave than what would vanish into it, or open to more people.
    """
    incident, into = both_locked(incident, into)
    require(actor, "merge", incident)
    if incident == into or not sees(actor, into) or into.exercise_id != incident.exercise_id:
        raise Refused(_("It can only be merged into another incident that you may see."))
    if into.stage not in OPEN_STAGES:
        raise Refused(_("%(number)s is closed.") % {"number": into.number})
    if incident.level and (not into.level or into.level > incident.level):
        raise Refused(_("%(number)s stands at a lower level; raise it first.") % {"number": into.number})
    if incident.is_confidential and not into.is_confidential:
        raise Refused(
            _("%(number)s is not confidential, so everything here would be seen there; make it confidential first.")
            % {"number": into.number}
        )
    note = check_reason(note)
    effects = {
        "stage": str(incident.stage),
        "members": [] if into.is_confidential else join(incident, into, actor=actor, now=now),
        **carry_over(incident, into, actor=actor, now=now),
    }
    entry = note_on(
        into,
        "incidents.absorbed",
        actor=actor,
        now=now,
        detail={"from": incident.number},
        url=incident.get_absolute_url(),
    )
    IncidentChange.objects.create(
        kind=IncidentChange.Kind.MERGE,
        incident=into,
        other=incident,
        by=actor,
        at=now,
        effects={**effects, "entry": entry.pk},
    )
    return leave(
        incident,
        "merge",
        actor=actor,
        now=now,
        note=note,
        roles=deciding_roles(incident.level) if incident.level else (),
        detail={"into": into.number},
        url=into.get_absolute_url(),
        also_tell=may_see(incident, people_of(into)),
        merged_into=into,
        closed_at=now,
    )


def carry_over(source: Incident, target: Incident, *, actor: User, now: datetime) -> dict[str, Any]:
    """Let the target have what the source has; what a person took out there stays out. Returns what an undo needs."""
    topics = keys(source.topics.exclude(pk__in=target.topics.values("pk")))
    signals = keys(source.signals.exclude(pk__in=target.signals.values("pk")))
    live = source.attachments.filter(detached_at__isnull=True)
    there = target.attachments.filter(detached_at__isnull=True).values("post")
    moved = live.exclude(post__in=there).values_list("post", flat=True)
    taken_out = source.attachments.filter(detached_at__isnull=False, voided_at__isnull=True)
    taken_out = taken_out.exclude(post__in=live.values("post")).exclude(post__in=posts_of(target).values("pk"))
    rows = [IncidentPost(incident=target, post_id=post, attached_by=actor, attached_at=now) for post in moved]
    rows += [
        IncidentPost(incident=target, post_id=post, attached_by=None, attached_at=now, detached_at=now)
        for post in set(taken_out.values_list("post", flat=True))
    ]
    made = IncidentPost.objects.bulk_create(rows)
    target.topics.add(*topics)
    target.signals.add(*signals)
    known = target.first_known_at
    if source.first_known_at < known:  # what is one matter was known when its first part was
        Incident.everywhere.filter(pk=target.pk).update(first_known_at=source.first_known_at)
    find_first_post(target)
    return {
        "topics": topics,
        "signals": signals,
        "made": [row.pk for row in made],
        "first_known_at": known.isoformat(),
    }


def undo_merge(change: IncidentChange, *, actor: User, now: datetime) -> Incident:
    into, incident, effects = change.incident, change.other, change.effects
    require(actor, "unmerge", incident)
    into.topics.remove(*effects["topics"])
    into.signals.remove(*effects["signals"])
    void(effects["made"], now)
    Membership.objects.current().filter(pk__in=effects["members"]).update(removed_at=now, removed_by=actor)
    known = datetime.fromisoformat(effects["first_known_at"])
    Incident.everywhere.filter(pk=into.pk, first_known_at=incident.first_known_at).update(first_known_at=known)
    find_first_post(into)
    detail = {"one": incident.number, "other": into.number}
    note_on(into, "incidents.unmerged", actor=actor, now=now, detail=detail, url=incident.get_absolute_url())
    return move(
        incident,
        "unmerge",
        actor=actor,
        now=now,
        detail=detail,
        url=into.get_absolute_url(),
        also_tell=may_see(incident, people_of(into)),
        merged_into=None,
        closed_at=None,
    )


# --- splitting -------------------------------------------------------------------------------------------------------
@transaction.atomic
def split(
    incident: Incident, *, title: str, topics: Iterable[Topic], posts: Iterable[Post], actor: User, now: datetime
) -> Incident:
    """拆分: topics and posts of an incident become a new one, under a new number; returns it.

    It begins in triage without a level, with the same department, lead, members, kinds of harm and secrecy; it is known
    since the desk first saw one of its posts. Tasks, facts and statements stay where they are. Raises PermissionDenied,
    and Refused when nothing is chosen, something is no longer there, or nothing would be left.
    """
    incident = Incident.everywhere.select_for_update(no_key=True).get(pk=incident.pk)
    require(actor, "split_incident", incident)
    stories, chosen = {topic.pk for topic in topics}, {(post.original or post).pk for post in posts}
    of_stories = Match.objects.filter(topic__in=stories).values("post")
    before = posts_of(incident)
    going = keys(before.filter(Q(pk__in=chosen) | Q(pk__in=of_stories)))
    if not stories and not chosen:
        raise Refused(_("Choose the topics or posts that become an incident of their own."))
    if incident.topics.filter(pk__in=stories).count() < len(stories) or not chosen <= set(going):
        raise Refused(_("Some of it is no longer part of %(number)s.") % {"number": incident.number})
    if not before.exclude(pk__in=going).exists():
        raise Refused(_("Nothing would be left in %(number)s.") % {"number": incident.number})
    live = incident.attachments.filter(detached_at__isnull=True, post__in=going)
    attached = chosen | set(live.values_list("post", flat=True))
    new = make_part(incident, title, going, actor=actor, now=now)
    signals = keys(incident.signals.filter(topic__in=stories))
    new.topics.add(*stories)
    new.signals.add(*signals)
    IncidentPost.objects.bulk_create(
        IncidentPost(incident=new, post_id=post, attached_by=actor, attached_at=now) for post in sorted(attached)
    )
    effects = {"topics": sorted(stories), "signals": signals, "ended": keys(live)}
    incident.topics.remove(*stories)
    incident.signals.remove(*signals)
    live.update(detached_at=now)
    still = keys(posts_of(incident).filter(pk__in=going))  # they belong to a topic that stays as well
    made = IncidentPost.objects.bulk_create(
        IncidentPost(incident=incident, post_id=post, attached_by=None, attached_at=now, detached_at=now)
        for post in still
    )
    find_first_post(incident)
    detail = {"from": incident.number, "into": new.number, "posts": len(going)}
    entry = note_on(new, "incidents.split_off", actor=actor, now=now, detail=detail, url=incident.get_absolute_url())
    IncidentChange.objects.create(
        kind=IncidentChange.Kind.SPLIT,
        incident=incident,
        other=new,
        by=actor,
        at=now,
        effects={**effects, "made": [row.pk for row in made], "entry": entry.pk},
    )
    assessing.measure(new, now)
    tell_opened(new, actor)
    note_on(incident, "incidents.split", actor=actor, now=now, detail=detail, url=new.get_absolute_url())
    return new


def make_part(incident: Incident, title: str, posts: list[int], *, actor: User, now: datetime) -> Incident:
    """The new incident, still without posts; the first sight of its posts is its 获知."""
    rows = Post.everywhere.filter(pk__in=posts)
    first = rows.aggregate(seen=Min("first_seen_at"), published=Min("published_at"))
    new = Incident.everywhere.create(
        number=next_number("YQ", now=now, exercise=incident.exercise),
        title=title,
        department=incident.department,
        lead=incident.lead,
        is_confidential=incident.is_confidential,
        opened_by=actor,
        opened_at=now,
        first_known_at=first["seen"] or incident.first_known_at,
        first_post_at=first["published"],
        exercise=incident.exercise,
    )
    new.affects.set(incident.affects.all())
    join(incident, new, actor=actor, now=now)
    Membership.objects.get_or_create(
        incident=new, person=actor, removed_at=None, defaults={"added_by": actor, "added_at": now}
    )
    return new


def undo_split(change: IncidentChange, *, actor: User, now: datetime) -> Incident:
    """What went returns, with what the part was given since; the part itself ends as merged into where it came from."""
    incident, new, effects = change.incident, change.other, change.effects
    require(actor, "split_incident", incident)
    incident.topics.add(*effects["topics"])
    incident.signals.add(*effects["signals"])
    void(effects["made"], now)
    there = incident.attachments.filter(detached_at__isnull=True).values("post")
    ended = IncidentPost.objects.filter(pk__in=effects["ended"])
    ended.exclude(pk__in=keys(ended.filter(post__in=there))).update(detached_at=None)
    carry_over(new, incident, actor=actor, now=now)
    detail = {"one": incident.number, "other": new.number}
    note_on(incident, "incidents.split_undone", actor=actor, now=now, detail=detail, url=new.get_absolute_url())
    return leave(
        new,
        "merge",
        actor=actor,
        now=now,
        note="",
        event="incidents.split_undone",
        detail=detail,
        url=incident.get_absolute_url(),
        merged_into=incident,
        closed_at=now,
    )


# --- undoing ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def undo(change: IncidentChange, *, actor: User, now: datetime) -> Incident:
    """Give everything back as it was; returns the incident that was merged or split off. PermissionDenied, Refused."""
    incident, other = both_locked(change.incident, change.other)
    change = IncidentChange.objects.get(pk=change.pk)
    change.incident, change.other = incident, other
    refusal = why_not_undone(change, now)
    if refusal:
        raise Refused(refusal)
    if not sees(actor, incident):
        raise PermissionDenied("undo")
    IncidentChange.objects.filter(pk=change.pk).update(undone_by=actor, undone_at=now)
    is_merge = change.kind == IncidentChange.Kind.MERGE
    return (undo_merge if is_merge else undo_split)(change, actor=actor, now=now)


# --- what both share -------------------------------------------------------------------------------------------------
def both_locked(one: Incident, other: Incident) -> tuple[Incident, Incident]:
    """Always locked in the same order, so that two merges cannot lock each other out."""
    order = sorted({one.pk, other.pk})
    rows = {pk: Incident.everywhere.select_for_update(no_key=True).get(pk=pk) for pk in order}
    return rows[one.pk], rows[other.pk]


def join(source: Incident, target: Incident, *, actor: User, now: datetime) -> list[int]:
    """The people of the source work on the target, too; returns the new memberships."""
    there = target.memberships.current().values("person")
    newcomers = source.memberships.current().exclude(person__in=there).filter(person__is_active=True)
    rows = Membership.objects.bulk_create(
        Membership(incident=target, person_id=person, added_by=actor, added_at=now)
        for person in newcomers.values_list("person", flat=True)
    )
    return [row.pk for row in rows]


def void(attachments: list[int], now: datetime) -> None:
    IncidentPost.objects.filter(pk__in=attachments).update(voided_at=now, detached_at=Coalesce("detached_at", now))


def keys(rows: Any) -> list[int]:
    return sorted(rows.values_list("pk", flat=True))
