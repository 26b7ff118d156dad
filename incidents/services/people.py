"""Who works on an incident, what is written about it, and a person's own notes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Department, User
from accounts.roles import Role
from accounts.selectors import people_with
from accounts.versions import save_if_current
from incidents.levels import Level
from incidents.models import Incident, Membership, TimelineEntry
from incidents.permissions import require
from incidents.refusals import Refused, check_reason
from incidents.services.telling import tell_handed_over, tell_joined
from incidents.services.timeline import note_on

EDITABLE = ("title", "summary", "department", "lead", "is_confidential")


@transaction.atomic
def add_member(incident: Incident, person: User, *, actor: User, now: datetime) -> Membership:
    """Somebody joins, and may see it from now on; twice is once."""
    require(actor, "change_members", incident)
    if not person.is_active:
        raise Refused(_("%(person)s has left the desk.") % {"person": person})
    membership, is_new = Membership.objects.get_or_create(
        incident=incident, person=person, removed_at=None, defaults={"added_by": actor, "added_at": now}
    )
    if is_new:
        tell_joined(incident, person, actor)
        note_on(incident, "incidents.member_added", actor=actor, now=now, detail={"person": str(person)})
    return membership


@transaction.atomic
def form_group(incident: Incident, functions: Mapping[User, str], *, actor: User, now: datetime) -> list[User]:
    """成立应急工作小组 in one act: everybody joins with what they do here, each is told, one entry names them all.

    functions  person: what they do on it, may be empty; who is a member already only gets the function
    Returns who is new. Raises PermissionDenied, Refused (nobody chosen, somebody left the desk).
    """
    require(actor, "change_members", incident)
    if not functions:
        raise Refused(_("Choose at least one person."))
    joined = []
    for person, function in functions.items():
        if not person.is_active:
            raise Refused(_("%(person)s has left the desk.") % {"person": person})
        member, is_new = Membership.objects.get_or_create(
            incident=incident, person=person, removed_at=None, defaults={"added_by": actor, "added_at": now}
        )
        if function and member.function != function:
            Membership.objects.filter(pk=member.pk).update(function=function)
        if is_new:
            joined.append(person)
    for person in joined:
        tell_joined(incident, person, actor)
    names = [str(person) for person in functions]
    note_on(incident, "incidents.group_formed", actor=actor, now=now, detail={"people": names})
    return joined


@transaction.atomic
def remove_member(incident: Incident, person: User, *, actor: User, now: datetime) -> bool:
    """Somebody leaves; the record of their time stays. False if they were not in."""
    require(actor, "change_members", incident)
    if person.pk == incident.lead_id:
        raise Refused(_("The lead stays; name another lead first."))
    if (
        not Membership.objects.current()
        .filter(incident=incident, person=person)
        .update(removed_at=now, removed_by=actor)
    ):
        return False
    note_on(incident, "incidents.member_removed", actor=actor, now=now, detail={"person": str(person)})
    return True


@transaction.atomic
def edit(incident: Incident, *, actor: User, now: datetime, seen_version: int, values: Mapping[str, Any]) -> Incident:
    """Correct what is written about an incident; the timeline names the fields. `values`: EDITABLE, and `affects`.

    A 三级 that is given to another department is led by its head unless somebody else is named with it. Raises
    PermissionDenied (making it confidential, or open again, is for the heads), Stale.
    """
    require(actor, "edit_incident", incident)
    incident = Incident.everywhere.select_for_update(no_key=True).get(pk=incident.pk)
    affects, former = values.get("affects"), incident.lead
    changed = [name for name in EDITABLE if name in values and getattr(incident, name) != values[name]]
    if "is_confidential" in changed:
        require(actor, "make_confidential", incident)
    for name in changed:
        setattr(incident, name, values[name])
    if incident.level == Level.THREE and "department" in changed and "lead" not in changed:
        incident.lead = head_of(incident.department) or incident.lead
        changed += ["lead"] if incident.lead != former else []
    is_affects_changed = affects is not None and set(affects) != set(incident.affects.all())
    save_if_current(incident, seen_version, changed)
    if affects is not None and is_affects_changed:
        incident.affects.set(affects)
        changed.append("affects")
    handed = [name for name in changed if name in ("department", "lead")]
    if handed:
        hand_over(incident, former, actor=actor, now=now)
    corrected = [name for name in changed if name not in handed]
    if corrected:
        note_on(incident, "incidents.edited", actor=actor, now=now, detail={"fields": corrected})
    return incident


def hand_over(incident: Incident, former: User | None, *, actor: User, now: datetime) -> None:
    """Another department or lead has it: on the timeline, and told to the new lead, the former one and the department's
    head. The lead is a member from now on; the former one stays one."""
    if incident.lead is not None:
        Membership.objects.get_or_create(
            incident=incident, person=incident.lead, removed_at=None, defaults={"added_by": actor, "added_at": now}
        )
    tell_handed_over(incident, [incident.lead, former, head_of(incident.department)], actor)
    detail = {"department": str(incident.department or "—"), "lead": str(incident.lead or "—")}
    note_on(incident, "incidents.handed_over", actor=actor, now=now, detail=detail)


def after_step(step: str, incident: Incident, *, actor: User, now: datetime) -> None:
    """Incident hook: 三级 is run by the head of the owning department (H3.1). Without one the lead stays."""
    head = head_of(incident.department) if step == "set_level_three" else None
    if head is None or head.pk == incident.lead_id:
        return
    former, incident.lead = incident.lead, head
    save_if_current(incident, incident.version, ["lead"])
    hand_over(incident, former, actor=actor, now=now)


def head_of(department: Department | None) -> User | None:
    if department is None:
        return None
    return people_with(Role.DEPARTMENT_HEAD).filter(department=department).order_by("pk").first()


@transaction.atomic
def add_note(incident: Incident, words: str, *, actor: User, now: datetime) -> TimelineEntry:
    """记一笔: a person's own words on the timeline."""
    require(actor, "add_note", incident)
    return note_on(incident, "incidents.note_added", actor=actor, now=now, note=words.strip())


@transaction.atomic
def correct_entry(entry: TimelineEntry, *, actor: User, now: datetime, words: str, reason: str) -> TimelineEntry:
    """更正: put an entry right by one of its own that points to it; both stay and are shown together.

    Raises PermissionDenied, ReasonNeeded.
    """
    require(actor, "correct_entry", entry)
    reason = check_reason(reason)
    with translation.override(settings.LANGUAGE_CODE):
        note = _("%(words)s (reason: %(reason)s)") % {"words": words.strip(), "reason": reason}
    return note_on(
        entry.incident,
        "incidents.entry_corrected",
        actor=actor,
        now=now,
        note=note,
        detail={"of": f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S}", "event": entry.event},
        url=entry.get_absolute_url(),
        corrects=entry,
    )
