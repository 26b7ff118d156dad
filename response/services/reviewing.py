"""Acts beside the signatures: comments on a version, and the two persons who let pass what the checks block."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import SIGNING_LEADERS, Role
from accounts.selectors import people_with
from incidents.selectors.people import may_see
from incidents.services.timeline import note_on
from notices.services import notify
from response import messages
from response.models import CheckOverride, SignOff, StatementComment, StatementVersion
from response.notnow import NotNow
from response.permissions import overrides_as, require
from response.selectors.statements import blockers_of

Place = SignOff.Place


@transaction.atomic
def comment(version: StatementVersion, *, actor: User, now: datetime, words: str) -> StatementComment:
    """A remark on a version; the writers are told. Raises PermissionDenied, NotNow (no words, superseded)."""
    require(actor, "comment_statement", version)
    if version.state == version.State.SUPERSEDED:
        raise NotNow(_("This version is superseded: comment on the newest one."))
    if not words.strip():
        raise NotNow(_("Write what you remark."))
    made = StatementComment.objects.create(version=version, author=actor, at=now, words=words.strip())
    notify([writer for writer in version.writers.all() if writer != actor], **messages.statement_commented(made))
    return made


@transaction.atomic
def resolve_comment(remark: StatementComment, *, actor: User, now: datetime) -> None:
    """It is dealt with. Raises PermissionDenied, NotNow (resolved already)."""
    require(actor, "resolve_comment", remark)
    open_ = StatementComment.objects.filter(pk=remark.pk, resolved_at__isnull=True)
    if open_.update(resolved_at=now, resolved_by=actor) != 1:
        raise NotNow(_("This comment is resolved already."))


@transaction.atomic
def override_checks(
    version: StatementVersion, *, actor: User, now: datetime, seen_hash: str, reason: str = ""
) -> CheckOverride:
    """One of the two words it takes to let pass what the checks block: 法务 and 工作组组长, for this very text.

    reason  needed of whoever is first; the second confirms it
    Raises PermissionDenied, NotNow (nothing blocks, another text meanwhile, no reason, given already).
    """
    version = (
        StatementVersion.objects.select_for_update(of=("self",), no_key=True)
        .select_related("statement__incident")
        .get(pk=version.pk)
    )
    require(actor, "override_checks", version)
    if not version.is_draft or version.text_hash != seen_hash:
        raise NotNow(_("The text has changed meanwhile: look at it again."))
    blocking = blockers_of(version)
    if not blocking:
        raise NotNow(_("Nothing blocks this text."))
    covers = [[one.rule, one.where, one.excerpt, one.detail] for one in blocking]
    known = version.overrides.filter(text_hash=seen_hash).first()
    if known is None or known.covers != covers:  # what blocks is another thing now: both say it anew
        if not reason.strip():
            raise NotNow(_("Say why it may leave like this."))
        version.overrides.filter(text_hash=seen_hash).delete()
        known = CheckOverride(version=version, text_hash=seen_hash, covers=covers, reason=reason.strip())
    place = overrides_as(actor, version)
    if (known.legal_id if place == Place.LEGAL else known.team_head_id) is not None:
        raise NotNow(_("This place has said its word already."))
    if place == Place.LEGAL:
        known.legal, known.legal_at = actor, now
    else:
        known.team_head, known.team_head_at = actor, now
    known.save()
    note_on(
        version.statement.incident,
        "response.checks_overridden" if known.is_complete else "response.override_asked",
        actor=actor,
        now=now,
        note=known.reason,
        detail={
            "number": version.statement.number,
            "version": version.number,
            "text_hash": seen_hash,
            "covers": ", ".join(sorted({one.rule for one in blocking})),
        },
        url=version.statement.get_absolute_url(),
    )
    if not known.is_complete:
        near = people_with(Role.TEAM_HEAD, Role.TEAM_MEMBER, *SIGNING_LEADERS).prefetch_related("groups")
        others = [one for one in near if one != actor and overrides_as(one, version) not in (None, place)]
        notify(may_see(version.statement.incident, others), **messages.override_wanted(known, actor))
    return known
