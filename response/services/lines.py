"""Acts on the internal line of an incident: write the next one, approve it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.versions import Stale, save_if_current
from incidents.levels import OPEN_STAGES
from incidents.models import Incident
from incidents.services.timeline import note_on
from notices.services import notify
from response import messages
from response.models import Line
from response.notnow import NotNow
from response.permissions import require
from response.selectors.lines import approvers_of, lines_url
from response.services.statements import tidy

MOST_QUESTIONS = 40


@transaction.atomic
def write_line(
    incident: Incident,
    line: Line | None,
    *,
    actor: User,
    now: datetime,
    seen_version: int = 0,
    words: str,
    questions: Sequence[Mapping[str, str]],
    expires_at: datetime,
) -> Line:
    """Write the draft (`line` None: the next version) of what is said about an incident, and who approves it is told.

    Raises PermissionDenied, Stale, NotNow (closed incident, approved already, a time that has passed, no words).
    """
    require(actor, "write_line", incident)
    if incident.stage not in OPEN_STAGES:
        raise NotNow(_("This incident is closed."))
    if expires_at <= now:
        raise NotNow(_("Choose a time that has not passed."))
    if not tidy(words):
        raise NotNow(_("Write what may be said."))
    if line is None:
        Incident.everywhere.select_for_update(no_key=True).get(pk=incident.pk)  # two at once would take one number
        last = incident.lines.aggregate(last=Max("number"))["last"] or 0
        line = Line(incident=incident, number=last + 1)
    elif line.version != seen_version:
        raise Stale(line)
    elif not line.is_draft:
        raise NotNow(_("This line is in force: write the next one."))
    line.words, line.expires_at, line.saved_at, line.written_by = tidy(words), expires_at, now, actor
    asked = [{"question": tidy(one["question"]), "answer": tidy(one["answer"])} for one in questions[:MOST_QUESTIONS]]
    line.questions = [one for one in asked if one["question"] and one["answer"]]
    if line.pk is None:
        line.save()
    else:
        save_if_current(line, seen_version, ["words", "questions", "expires_at", "saved_at", "written_by"])
    line.writers.add(actor)
    notify(approvers_of(line), **messages.line_to_approve(line))
    return line


@transaction.atomic
def approve_line(line: Line, *, actor: User, now: datetime, seen_version: int) -> Line:
    """It is what everybody may say from now on; the one before is over. Raises PermissionDenied, Stale, NotNow."""
    if line.version != seen_version:
        raise Stale(line)
    require(actor, "approve_line", line)
    if not line.is_draft:
        raise NotNow(_("This line is approved already."))
    if line.is_expired(now):
        raise NotNow(_("Choose a time that has not passed."))
    line.state, line.approved_by, line.approved_at = Line.State.APPROVED, actor, now
    save_if_current(line, seen_version, ["state", "approved_by", "approved_at"])
    earlier = line.incident.lines.filter(number__lt=line.number)
    earlier.exclude(state=Line.State.SUPERSEDED).update(state=Line.State.SUPERSEDED)
    note_on(
        line.incident,
        "response.line_approved",
        actor=actor,
        now=now,
        note=line.words,
        detail={"number": line.number},
        url=lines_url(line.incident),
    )
    return line
