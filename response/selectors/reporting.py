"""Reads of duties to report: the table in force, which lines an incident speaks for, what a report says first."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from incidents.figures import overview
from incidents.levels import Level, graver
from incidents.models import Incident
from incidents.timeline_words import events_of
from response.models import Fact, Paper, Release, ReportDuty, ReportRule, Task
from response.papers import REPORT_SECTIONS
from response.selectors.papers import whole

LISTED = 8  # tasks, facts or releases a report names


def rules_in_force(now: datetime) -> QuerySet[ReportRule]:
    return ReportRule.objects.in_force(now).order_by("event", "authority", "pk")


def rules_spoken_for(incident: Incident, now: datetime) -> list[ReportRule]:
    """Lines of the table that the incident's level, what it affects and the red lines of its assessment speak for.

    A line without any of these signs is chosen by hand.
    """
    assessment = incident.assessments.first()
    crossed = set(assessment.red_lines) if assessment else set()
    affects = set(incident.affects.values_list("code", flat=True))
    return [rule for rule in rules_in_force(now) if speaks_for(rule, incident.level, affects, crossed)]


def speaks_for(rule: ReportRule, level: int, affects: set[str], crossed: set[str]) -> bool:
    if rule.from_level and (not level or graver(level, rule.from_level) != level):
        return False
    if not rule.affects and not rule.red_lines:
        return bool(rule.from_level)
    return bool(affects & set(rule.affects) or crossed & set(rule.red_lines))


def duties_of(incident: Incident, person: User) -> QuerySet[ReportDuty]:
    """The duties of an incident with their reports, oldest first, in as many queries however many."""
    reports = whole(Paper.everywhere.visible_to(person)).order_by("created_at", "id")
    return (
        incident.report_duties.select_related("rule", "decided_by", "acting_for")
        .prefetch_related(Prefetch("papers", reports))
        .order_by("due_at", "id")
    )


# --- what a report says first ----------------------------------------------------------------------------------------
def first_words(incident: Incident, before: Paper | None, now: datetime) -> dict[str, str]:
    """The sections of a report as far as the desk knows them, in the company's language.

    before  the last filed report of the same duty: what does not change is taken from it. The place and the losses are
            never guessed: a section without words must be written before the report can be submitted.
    """
    with translation.override(settings.LANGUAGE_CODE):
        words = {code: "" for code, _heading, _help in REPORT_SECTIONS}
        words |= {
            "happened": times(incident),
            "unit": unit(incident),
            "course": course(incident, now),
            "opinion": opinion(incident, now),
            "measures": measures(incident),
            "next_steps": next_steps(incident),
        }
        if before is not None:
            last = before.newest.content
            words |= {code: last.get(code, "") for code in ("happened", "place", "unit", "losses")}
    return words


def said(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def times(incident: Incident) -> str:
    lines = [_("Known to the company: %(at)s") % {"at": said(incident.first_known_at)}]
    if incident.first_post_at:
        lines.insert(0, _("First post: %(at)s") % {"at": said(incident.first_post_at)})
    return "\n".join(lines)


def unit(incident: Incident) -> str:
    return "\n".join(
        filter(
            None,
            [
                settings.COMPANY_NAME,
                _("Department concerned: %(name)s") % {"name": incident.department} if incident.department else "",
                _("Led by: %(name)s") % {"name": incident.lead} if incident.lead else "",
            ],
        )
    )


def course(incident: Incident, now: datetime) -> str:
    """What happened, the facts as they stand, and the decisions so far."""
    lines = [incident.summary or incident.title]
    facts = list(incident.facts.order_by("number"))
    for state in (Fact.State.VERIFIED, Fact.State.CHECKING, Fact.State.UNTRUE):
        claims = [fact.claim for fact in facts if fact.state == state][:LISTED]
        lines += [f"{state.label}：{claim}" for claim in claims]
    levelled = incident.timeline.filter(event__in=events_of("levelled"), at__lte=now).order_by("at", "id")
    for entry in levelled[:LISTED]:
        level = entry.after.get("level")
        if level:
            lines.append(_("%(at)s level confirmed: %(level)s") % {"at": said(entry.at), "level": Level(level).label})
    return "\n".join(lines)


def opinion(incident: Incident, now: datetime) -> str:
    found = overview(incident, now)
    words = [
        ngettext("%(n)s post, reposts included", "%(n)s posts, reposts included", found.posts) % {"n": found.posts},
        _("%(n)s in the last hour") % {"n": found.last_hour},
        _("%(n)s media reports, of them %(central)s central") % {"n": found.media, "central": found.central},
    ]
    if found.negative_share is not None:
        words.append(_("negative share (estimate) %(share)s") % {"share": f"{found.negative_share:.0%}"})
    return _("As of %(at)s: %(words)s.") % {
        "at": said(now),
        "words": pgettext("between items of a list", ", ").join(words),
    }


def measures(incident: Incident) -> str:
    tasks = incident.tasks.filter(state=Task.State.DONE).order_by("finished_at", "id")[:LISTED]
    released = Release.everywhere.filter(version__statement__incident=incident, sent_at__isnull=False)
    lines = [f"{said(task.finished_at)} {task.title}" for task in tasks if task.finished_at]
    for release in released.select_related("version").order_by("sent_at")[:LISTED]:
        if release.sent_at:
            lines.append(
                _("%(at)s published: %(title)s") % {"at": said(release.sent_at), "title": release.version.title}
            )
    return "\n".join(lines)


def next_steps(incident: Incident) -> str:
    tasks: Iterable[Task] = incident.tasks.unfinished().order_by("due_at", "id")[:LISTED]
    return "\n".join(_("%(title)s, by %(at)s") % {"title": task.title, "at": said(task.due_at)} for task in tasks)
