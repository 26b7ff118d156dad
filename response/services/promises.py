"""承诺台账: marking what a statement promises; once it is public, a person keeps it by a date."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from incidents.models import Incident
from incidents.services.timeline import note_on
from notices.services import notify
from response import messages
from response.models import Promise, StatementVersion, Task
from response.notnow import NotNow
from response.permissions import require
from response.services.opening import let_in
from response.services.reminding import set_words
from response.wording import public_text

TITLE_LENGTH = 180


@transaction.atomic
def mark_promise(
    version: StatementVersion, *, actor: User, now: datetime, sentence: str, owner: User, due_at: datetime
) -> Promise:
    """Put a sentence of this text into the ledger, with who keeps it and until when.

    Raises PermissionDenied, NotNow (not in the text, no longer a draft or in sign-off, a date that has passed, marked
    already, an owner whose account is off).
    """
    require(actor, "mark_promise", version)
    sentence = " ".join(public_text(sentence).split())
    if version.state == version.State.SUPERSEDED:
        raise NotNow(_("This version is superseded: mark it in the newest one."))
    if not sentence or sentence not in one_line(version):
        raise NotNow(_("Copy the sentence from the text: it is not there in these words."))
    if due_at <= now:
        raise NotNow(_("Choose a time that has not passed."))
    if not owner.is_active:
        raise NotNow(_("This account is switched off."))
    if version.statement.promises.filter(sentence=sentence).exists():
        raise NotNow(_("This sentence is in the ledger already."))
    promise = Promise.objects.create(
        incident=version.statement.incident,
        statement=version.statement,
        sentence=sentence,
        owner=owner,
        due_at=due_at,
        marked_by=actor,
        marked_at=now,
    )
    note_on(
        version.statement.incident,
        "response.promise_marked",
        actor=actor,
        now=now,
        note=sentence,
        detail={"number": version.statement.number, "owner": str(owner)},
        url=version.statement.get_absolute_url(),
    )
    if has_left(version):
        made_public(version, actor=actor, now=now)
    promise.refresh_from_db()
    return promise


def one_line(version: StatementVersion) -> str:
    return " ".join(public_text(version.text).split())


def has_left(version: StatementVersion) -> bool:
    return version.releases(manager="everywhere").filter(sent_at__isnull=False).exists()


@transaction.atomic
def drop_promise(promise: Promise, *, actor: User, now: datetime) -> None:
    """Take a sentence out of the ledger that nobody has read yet. Raises PermissionDenied, NotNow once it is public."""
    require(actor, "mark_promise", promise.statement)
    if Promise.objects.filter(pk=promise.pk, public_at__isnull=True).delete()[0] != 1:
        raise NotNow(_("It is public: keep it, or have the task waived with a reason."))
    note_on(
        promise.incident,
        "response.promise_dropped",
        actor=actor,
        now=now,
        note=promise.sentence,
        detail={"number": promise.statement.number},
        url=promise.statement.get_absolute_url(),
    )


def made_public(version: StatementVersion, *, actor: User, now: datetime) -> list[Task]:
    """A version has left: what it promises becomes tasks, each once, however many channels carry it."""
    statement, text = version.statement, one_line(version)
    incident = Incident.everywhere.get(pk=statement.incident_id)
    waiting = list(
        statement.promises.select_for_update(of=("self",)).filter(public_at__isnull=True).select_related("owner")
    )
    tasks = []
    for promise in waiting:
        if promise.sentence in text:
            promise.task = task_for(promise, incident, now)
            promise.public_at, promise.version = now, version
            promise.save(update_fields=["task", "public_at", "version"])
            let_in(incident, [promise.owner], actor, now)
            notify([promise.owner], **messages.promise_to_keep(promise))
            tasks.append(promise.task)
    return tasks


def task_for(promise: Promise, incident: Incident, now: datetime) -> Task:
    task = Task(
        incident=incident,
        title=_("Promised in public: %(sentence)s") % {"sentence": promise.sentence[:TITLE_LENGTH]},
        level=incident.level,
        evidence_asked=_("What shows in public that the promise is kept"),
        owner=promise.owner,
        department=promise.owner.department,
        opened_at=now,
        due_at=max(promise.due_at, now),
        first_due_at=promise.due_at,
    )
    set_words(task)
    task.save()
    return task
