"""Opening an incident, and putting posts into it or taking them out."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Min

from accounts.models import Department, Exercise, User
from accounts.roles import TEAM, Role
from accounts.selectors import people_with
from incidents.figures import posts_of
from incidents.levels import Stage
from incidents.models import AffectedKind, Incident, IncidentPost, Membership, Proposal
from incidents.permissions import require
from incidents.proposals import OPEN, PUT_IN
from incidents.selectors.origins import Origin
from incidents.services import assessing, proposing
from incidents.services.numbering import next_number
from incidents.services.telling import tell_opened
from incidents.services.timeline import note_on
from monitoring.models import Signal, Verdict
from monitoring.services.signals import judge
from opinion.models import Match, Post, Topic, Triage
from opinion.services.triage import triage

ATTACHED_AT_ONCE = 200  # rows a write transaction may carry; the rest of a topic belongs to the incident all the same


@transaction.atomic
def open_incident(
    *,
    actor: User,
    title: str,
    now: datetime,
    summary: str = "",
    post: Post | None = None,
    topic: Topic | None = None,
    signal: Signal | None = None,
    department: Department | None = None,
    lead: User | None = None,
    affects: Iterable[AffectedKind] = (),
    is_confidential: bool = False,
    exercise: Exercise | None = None,
) -> Incident:
    """建档: open an incident by hand or from what was heard; measure it, tell the team head, judge the signal.

    获知 (`first_known_at`) is when the desk first saw what it is opened from, not when somebody opened it. The topics
    of the post or signal become the incident's, so it keeps watching them; their posts go in, but for those somebody
    ignored. Raises PermissionDenied, and Stale when the signal was judged meanwhile.
    """
    require(actor, "open_incident")
    origin = Origin(post, topic, signal) if post or topic or signal else None
    if origin is not None:
        proposing.keep(origin, OPEN, actor=actor, now=now)
        exercise = exercise or origin.exercise
    topics = origin.topics if origin else []
    posts = origin.posts if origin else Post.everywhere.none()
    first = posts.aggregate(seen=Min("first_seen_at"), published=Min("published_at"))
    incident = Incident.everywhere.create(
        number=next_number("YQ", now=now, exercise=exercise),
        title=title,
        summary=summary,
        department=department,
        lead=lead or default_lead(actor),
        is_confidential=is_confidential,
        opened_by=actor,
        opened_at=now,
        first_known_at=min(at for at in (now, first["seen"], signal and signal.opened_at) if at),
        first_post_at=first["published"],
        exercise=exercise,
    )
    incident.affects.set(affects)
    incident.topics.set(topics)
    Membership.objects.bulk_create(
        Membership(incident=incident, person=person, added_by=actor, added_at=now)
        for person in {actor, incident.lead}
        if person
    )
    wanted = posts.exclude(triage=Triage.IGNORED) | posts.filter(pk__in=[post.pk] if post else [])
    for each in wanted.order_by("-published_at")[:ATTACHED_AT_ONCE]:
        put_in(incident, each, actor=actor, now=now)
    assessment = assessing.measure(incident, now)
    tell_opened(incident, actor)
    if signal is not None:
        take_in_signal(incident, signal, actor=actor, now=now)
    note_on(
        incident,
        "incidents.opened",
        actor=actor,
        now=now,
        detail={
            "from": "signal" if signal else "topic" if topic else "post" if post else "hand",
            "posts": incident.attachments.count(),
            **assessing.as_detail(assessment),
        },
    )
    return incident


@transaction.atomic
def attach(incident: Incident, post: Post, *, actor: User, now: datetime) -> IncidentPost:
    """归入: put a post into an incident; the inbox is done with it. A repost goes in as its original. Twice is once."""
    require(actor, "attach_post", incident)
    post = post.original or post
    there = incident.attachments.filter(post=post, detached_at__isnull=True).first()
    if there is not None:
        return there
    proposing.keep(Origin(post), PUT_IN, actor=actor, now=now, incident=incident)
    attachment = put_in(incident, post, actor=actor, now=now)
    if incident.first_post_at is None or post.published_at < incident.first_post_at:
        Incident.everywhere.filter(pk=incident.pk).update(first_post_at=post.published_at)
    note_on(
        incident, "incidents.post_attached", actor=actor, now=now, detail=as_detail(post), url=posts_url(incident, post)
    )
    return attachment


@transaction.atomic
def detach(incident: Incident, post: Post, *, actor: User, now: datetime) -> bool:
    """Take a post out again, and put it back into the inbox; also the undo of `attach`. False if it was not in.

    A post that came with a topic is taken out, too: the marked row keeps it out.
    """
    require(actor, "detach_post", incident)
    post = post.original or post
    live = incident.attachments.filter(post=post, detached_at__isnull=True)
    if not live.update(detached_at=now):
        if not posts_of(incident).filter(pk=post.pk).exists():
            return False
        incident.attachments.create(post=post, attached_by=None, attached_at=now, detached_at=now)
    back_to_inbox(post, actor=actor, now=now)
    proposing.take_back(post, PUT_IN, now=now)
    note_on(
        incident, "incidents.post_detached", actor=actor, now=now, detail=as_detail(post), url=posts_url(incident, post)
    )
    return True


@transaction.atomic
def attach_topic(
    incident: Incident, topic: Topic, *, actor: User, now: datetime, signal: Signal | None = None
) -> Incident:
    """归入: a topic's posts go into an incident, which watches it from now on; its signal, if any, is judged useful.

    Raises PermissionDenied, and Stale when the signal was judged meanwhile.
    """
    require(actor, "attach_post", incident)
    origin = Origin(topic=topic, signal=signal)
    proposing.keep(origin, PUT_IN, actor=actor, now=now, incident=incident)
    [topic] = origin.topics
    incident.topics.add(topic)
    there = incident.attachments.filter(detached_at__isnull=True).values("post")
    wanted = origin.posts.exclude(triage=Triage.IGNORED).exclude(pk__in=there)
    taken = [
        put_in(incident, post, actor=actor, now=now) for post in wanted.order_by("-published_at")[:ATTACHED_AT_ONCE]
    ]
    if signal is not None:
        take_in_signal(incident, signal, actor=actor, now=now)
    find_first_post(incident)
    note_on(
        incident,
        "incidents.topic_attached",
        actor=actor,
        now=now,
        detail={"topic": str(topic.uuid), "posts": len(taken)},
        url=f"{incident.get_absolute_url()}posts/",
    )
    return incident


@transaction.atomic
def detach_topic(incident: Incident, topic: Topic, *, actor: User, now: datetime) -> bool:
    """Let go of a topic; also the undo of `attach_topic`. Posts that no other topic of the incident has go back to the
    inbox. False if it was not in; a signal stays judged: its own page takes that back."""
    require(actor, "detach_post", incident)
    if not incident.topics.filter(pk=topic.pk).exists():
        return False
    incident.topics.remove(topic)
    others = Match.objects.filter(topic__in=incident.topics.all()).values("post")
    going = incident.attachments.filter(post__matches__topic=topic, detached_at__isnull=True).exclude(post__in=others)
    posts = list(Post.everywhere.filter(pk__in=going.values("post")))
    IncidentPost.objects.filter(incident=incident, post__in=posts, detached_at__isnull=True).update(detached_at=now)
    for post in posts:
        back_to_inbox(post, actor=actor, now=now)
    Proposal.objects.filter(topic=topic, done=PUT_IN, done_incident=incident, undone_at=None).update(undone_at=now)
    find_first_post(incident)
    detail = {"topic": str(topic.uuid), "posts": len(posts)}
    note_on(incident, "incidents.topic_detached", actor=actor, now=now, detail=detail)
    return True


def take_in_signal(incident: Incident, signal: Signal, *, actor: User, now: datetime) -> None:
    """The signal belongs to the incident and is judged useful, as a level, since it became or joined one."""
    incident.signals.add(signal)
    is_grave = signal.suggestion in (Verdict.LEVEL_1, Verdict.LEVEL_2)
    judge(signal, actor=actor, now=now, is_useful=True, verdict=signal.suggestion if is_grave else Verdict.LEVEL_3)


def back_to_inbox(post: Post, *, actor: User, now: datetime) -> None:
    """Unless an incident still holds it; what went into another incident is counted there."""
    held = IncidentPost.objects.filter(post=post, detached_at__isnull=True).exclude(incident__stage=Stage.MERGED)
    if not held.exists():
        triage(post, Triage.WAITING, actor=actor, now=now)


def find_first_post(incident: Incident) -> None:
    first = posts_of(incident).aggregate(at=Min("published_at"))["at"]
    Incident.everywhere.filter(pk=incident.pk).update(first_post_at=first)


def put_in(incident: Incident, post: Post, *, actor: User, now: datetime) -> IncidentPost:
    attachment = incident.attachments.create(post=post, attached_by=actor, attached_at=now)
    Post.everywhere.filter(pk=post.pk).update(is_held=True)  # what an incident cites is never purged
    triage(post, Triage.ATTACHED, actor=actor, now=now)
    return attachment


def default_lead(actor: User) -> User | None:
    """Whoever opens it and belongs to the working group; else its head."""
    return actor if actor.holds(*TEAM) else people_with(Role.TEAM_HEAD).order_by("pk").first()


def as_detail(post: Post) -> dict[str, str]:
    return {"post": str(post.uuid), "platform": post.said_on}


def posts_url(incident: Incident, post: Post) -> str:
    return f"{incident.get_absolute_url()}posts/#post-{post.uuid}"
