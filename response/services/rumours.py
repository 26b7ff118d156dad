"""Acts on what the public asks, and on pairs of an untrue claim and what is so."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.versions import Stale, save_if_current
from incidents.levels import OPEN_STAGES
from incidents.models import Incident
from incidents.services.timeline import note_on
from opinion.models import Post, Topic
from response.models import Fact, PublicQuestion, Rumour, RumourPost, Statement
from response.notnow import NotNow
from response.permissions import require
from response.services.facts import hold

SETTLED = (Fact.State.VERIFIED, Fact.State.UNTRUE)  # a fact that a clarification may rest on


# --- what the public asks --------------------------------------------------------------------------------------------
@transaction.atomic
def add_question(
    incident: Incident, *, actor: User, now: datetime, text: str, times_seen: int = 1, posts: Sequence[Post] = ()
) -> PublicQuestion:
    """Write a question down under the next number, open. Raises PermissionDenied, NotNow for a closed incident."""
    require(actor, "add_question", incident)
    if incident.stage not in OPEN_STAGES:
        raise NotNow(_("This incident is closed."))
    Incident.everywhere.select_for_update(no_key=True).get(pk=incident.pk)  # two at once would take the same number
    last = incident.questions.aggregate(last=Max("number"))["last"] or 0
    question = PublicQuestion.objects.create(
        incident=incident, number=last + 1, text=text, times_seen=times_seen, added_by=actor, added_at=now
    )
    question.posts.set(posts)
    hold(posts)
    detail = {"number": question.number}
    note_on(
        incident,
        "response.question_added",
        actor=actor,
        now=now,
        note=text,
        detail=detail,
        url=questions_url(incident),
    )
    return question


@transaction.atomic
def save_question(
    question: PublicQuestion,
    *,
    actor: User,
    now: datetime,
    seen_version: int,
    times_seen: int,
    posts: Sequence[Post],
    answer: str,
    fact: Fact | None,
) -> PublicQuestion:
    """Say how often it is asked and what we answer; without an answer it is open (again).

    posts  more places where it was asked; those that are there stay
    Raises PermissionDenied, NotNow (the fact is another incident's), Stale.
    """
    if question.version != seen_version:
        raise Stale(question)
    require(actor, "answer_question", question)
    if fact is not None and fact.incident_id != question.incident_id:
        raise NotNow(_("This fact belongs to another incident."))
    was_answered, was_said = question.is_answered, question.answer
    question.times_seen, question.answer, question.fact = times_seen, answer.strip(), fact
    if question.answer != was_said:
        question.answered_by, question.answered_at = (actor, now) if question.answer else (None, None)
    save_if_current(question, seen_version, ["times_seen", "answer", "fact", "answered_by", "answered_at"])
    question.posts.add(*posts)
    hold(posts)
    if question.answer != was_said:
        event = "response.question_answered" if question.answer else "response.question_reopened"
        note_on(
            question.incident,
            event,
            actor=actor,
            now=now,
            note=question.answer or question.text,
            detail={"number": question.number, "again": was_answered},
            url=questions_url(question.incident),
        )
    return question


def questions_url(incident: Incident) -> str:
    return reverse("response:questions", args=[incident.number])


# --- pairs -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def pair_rumour(
    incident: Incident,
    *,
    actor: User,
    now: datetime,
    claim: str,
    wording: str = Rumour.Wording.UNTRUE,
    authority: str = "",
    authority_on: date | None = None,
    authority_document: str = "",
    fact: Fact | None = None,
    clarification: str = "",
    statement: Statement | None = None,
    topic: Topic | None = None,
    clarification_topic: Topic | None = None,
    claim_posts: Sequence[Post] = (),
    answer_posts: Sequence[Post] = (),
) -> Rumour:
    """Put an untrue claim beside what is so, under the next number. What it takes: `check_pair`."""
    require(actor, "pair_rumour", incident)
    if incident.stage not in OPEN_STAGES:
        raise NotNow(_("This incident is closed."))
    Incident.everywhere.select_for_update(no_key=True).get(pk=incident.pk)
    last = incident.rumours.aggregate(last=Max("number"))["last"] or 0
    rumour = Rumour(
        incident=incident,
        number=last + 1,
        claim=claim,
        wording=wording,
        authority=authority,
        authority_on=authority_on,
        authority_document=authority_document,
        fact=fact,
        clarification=clarification,
        statement=statement,
        topic=topic,
        clarification_topic=clarification_topic,
        added_by=actor,
        added_at=now,
        changed_by=actor,
        changed_at=now,
    )
    check_pair(rumour)
    rumour.save()
    link(rumour, claim_posts, answer_posts, actor=actor, now=now)
    tell(rumour, "response.rumour_paired", actor, now)
    return rumour


FIELDS = (
    "claim",
    "wording",
    "authority",
    "authority_on",
    "authority_document",
    "fact",
    "clarification",
    "statement",
    "topic",
    "clarification_topic",
)


@transaction.atomic
def change_rumour(
    rumour: Rumour,
    *,
    actor: User,
    now: datetime,
    seen_version: int,
    claim_posts: Sequence[Post] = (),
    answer_posts: Sequence[Post] = (),
    **changes: object,
) -> Rumour:
    """Say more of a pair, or put it right; its timeline entry keeps the words it has now.

    changes  any of FIELDS        claim_posts, answer_posts  more of them; those that are there stay
    Raises PermissionDenied, NotNow (`check_pair`), Stale; KeyError for another field.
    """
    if rumour.version != seen_version:
        raise Stale(rumour)
    require(actor, "change_rumour", rumour)
    for name, value in changes.items():
        if name not in FIELDS:
            raise KeyError(name)
        setattr(rumour, name, value)
    check_pair(rumour)
    rumour.changed_by, rumour.changed_at = actor, now
    save_if_current(rumour, seen_version, [*FIELDS, "changed_by", "changed_at"])
    link(rumour, claim_posts, answer_posts, actor=actor, now=now)
    tell(rumour, "response.rumour_changed", actor, now)
    return rumour


def check_pair(rumour: Rumour) -> None:
    """Raises NotNow: 谣言 without the authority's word, a clarification on a fact that is not settled, other incidents'
    rows, one story on both sides."""
    if rumour.wording == Rumour.Wording.UNTRUE:
        rumour.authority, rumour.authority_on, rumour.authority_document = "", None, ""
    elif not (rumour.authority.strip() and rumour.authority_on and rumour.authority_document.strip()):
        raise NotNow(_("It is called a rumour only where an authority did: name it, the day and the document."))
    if rumour.clarification and (rumour.fact is None or rumour.fact.state not in SETTLED):
        raise NotNow(_("A clarification rests on a fact that is verified, or found untrue: settle that first."))
    for other in (rumour.fact, rumour.statement):
        if other is not None and other.incident_id != rumour.incident_id:
            raise NotNow(_("The fact or statement belongs to another incident."))
    if rumour.topic_id and rumour.topic_id == rumour.clarification_topic_id:
        raise NotNow(_("The same story cannot be both sides."))


def link(
    rumour: Rumour, claim_posts: Sequence[Post], answer_posts: Sequence[Post], *, actor: User, now: datetime
) -> None:
    """Put posts on their side; one that is on a side stays there. They are held from then on. Raises NotNow."""
    sides = {RumourPost.Side.CLAIM: claim_posts, RumourPost.Side.ANSWER: answer_posts}
    there = dict(rumour.linked.values_list("post", "side"))
    for side, posts in sides.items():
        for post in posts:
            if there.setdefault(post.pk, side) != side:
                raise NotNow(_("A post cannot be on both sides: %(post)s") % {"post": post.said[:60]})
    known = set(rumour.linked.values_list("post", flat=True))
    RumourPost.objects.bulk_create(
        RumourPost(rumour=rumour, post=post, side=side, added_by=actor, added_at=now)
        for side, posts in sides.items()
        for post in posts
        if post.pk not in known
    )
    hold([*claim_posts, *answer_posts])


def tell(rumour: Rumour, event: str, actor: User, now: datetime) -> None:
    note_on(
        rumour.incident,
        event,
        actor=actor,
        now=now,
        note="\n→ ".join(part for part in (rumour.claim, rumour.clarification) if part),
        detail={"number": rumour.number, "wording": rumour.wording, "authority": rumour.authority},
        url=reverse("response:rumours", args=[rumour.incident.number]),
    )


@transaction.atomic
def link_post(rumour: Rumour, post: Post, side: str, *, actor: User, now: datetime) -> bool:
    """Put one post on a side; also the undo of `unlink_post`. False if it is there already. Raises PermissionDenied,
    NotNow (it is on the other side), Stale."""
    require(actor, "change_rumour", rumour)
    if rumour.linked.filter(post=post, side=side).exists():
        return False
    claim_posts, answer_posts = ([post], []) if side == RumourPost.Side.CLAIM else ([], [post])
    link(rumour, claim_posts, answer_posts, actor=actor, now=now)
    keep_change(rumour, actor, now)
    tell_of_post(rumour, "response.rumour_post_linked", post, side, actor, now)
    return True


@transaction.atomic
def unlink_post(rumour: Rumour, post: Post, *, actor: User, now: datetime) -> str | None:
    """Take off a post that was linked by mistake: it counts on no side any more, and stays held, as the timeline names
    it. Says from which side, None if it was on none. Raises PermissionDenied, Stale."""
    require(actor, "change_rumour", rumour)
    there = rumour.linked.filter(post=post).first()
    if there is None:
        return None
    keep_change(rumour, actor, now)
    there.delete()
    tell_of_post(rumour, "response.rumour_post_unlinked", post, there.side, actor, now)
    return there.side


def keep_change(rumour: Rumour, actor: User, now: datetime) -> None:
    rumour.changed_by, rumour.changed_at = actor, now
    save_if_current(rumour, rumour.version, ["changed_by", "changed_at"])


def tell_of_post(rumour: Rumour, event: str, post: Post, side: str, actor: User, now: datetime) -> None:
    note_on(
        rumour.incident,
        event,
        actor=actor,
        now=now,
        note=post.said[:120],
        detail={"number": rumour.number, "side": side, "post": str(post.uuid)},
        url=reverse("response:rumours", args=[rumour.incident.number]),
    )
