"""Incidents and requests a test needs, at any stage and level, however they got there."""

from datetime import datetime, timedelta

import factory
from django.db import transaction

from accounts.models import Delegation, User
from incidents.levels import Level, Stage
from incidents.models import Incident, LevelProposal, LevelRequest
from incidents.services.assessing import measure
from incidents.services.timeline import write_entry
from tests.factories import NOON, PostFactory


class IncidentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Incident

    number = factory.Sequence(lambda n: f"YQ-2026-{n + 101}")
    title = factory.Sequence(lambda n: f"建国路店效期标签事件 {n}")
    opened_at = NOON - timedelta(minutes=30)
    first_known_at = NOON - timedelta(minutes=40)


class LevelRequestFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LevelRequest

    from_level = Level.UNSET
    to_level = Level.TWO
    reason = "央级媒体转载三家，微博热搜第九"
    requested_at = NOON - timedelta(minutes=12)


def standing_at(stage: str, level: int, *, opened_by: User, **values: object) -> Incident:
    """An incident put where a test needs it, past the door that keeps everybody else out."""
    incident = IncidentFactory(opened_by=opened_by, **values)
    activated_at = NOON - timedelta(minutes=20) if level else None
    Incident.everywhere.filter(pk=incident.pk).update(stage=stage, level=level, activated_at=activated_at)
    return Incident.everywhere.get(pk=incident.pk)


def asked(incident: Incident, to_level: int, *, by: User, **values: object) -> LevelRequest:
    """A request that waits."""
    return LevelRequestFactory(
        incident=incident, from_level=incident.level, to_level=to_level, requested_by=by, **values
    )


def proposed(incident: Incident, to_level: int, **values: object) -> LevelProposal:
    """A proposal of the desk that waits for an answer."""
    with transaction.atomic():
        assessment = measure(incident, NOON)
    return LevelProposal.objects.create(
        incident=incident,
        assessment=assessment,
        from_level=incident.level,
        to_level=to_level,
        opened_at=NOON,
        **{"reasons": [{"code": "index", "now": 52.1, "before": 31.0}], **values},
    )


def away(principal: User, delegate: User, now: datetime = NOON) -> Delegation:
    """`delegate` decides for `principal` from now on."""
    return Delegation.objects.create(
        principal=principal,
        delegate=delegate,
        reason="出差",
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(days=1),
    )


def posts(count: int, **values: object) -> list:
    return [PostFactory(**values) for _ in range(count)]


TRIAGED, RESPONDING, OBSERVING = Stage.TRIAGED, Stage.RESPONDING, Stage.OBSERVING


def with_clocks(incident: Incident, at: datetime = NOON) -> Incident:
    """The incident with the clocks it asks for, as the entry of its opening sets them."""
    with transaction.atomic():
        write_entry(incident, "incidents.opened", actor=incident.opened_by, now=at, before={})
    return incident
