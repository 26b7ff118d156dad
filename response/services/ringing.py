"""A platform says that something was decided: the releases it may be about are looked at now, nothing else happens."""

from datetime import datetime

from django.db.models import Q

from response.models import Release

State = Release.State
CHANNEL = {"PUBLISHJOBFINISH": ("wechat", "publish_id"), "MASSSENDJOBFINISH": ("wechat_push", "msg_id")}


def ring(event: str, number: str, now: datetime) -> int:
    """Have the releases with this id asked about at once, also one that is out: it may have been taken away there.

    An id we do not know may belong to a call whose answer was lost: then those in doubt are asked about. One that waits
    for a person is looked at again by the machine first. Returns how many were rung.
    """
    channel, name = CHANNEL[event]
    live = Release.objects.filter(channel=channel, is_manual=False, called_at__isnull=False)
    known = live.filter(**{f"remote__{name}": number})
    wanted = known if number and known.exists() else live.exclude(remote__has_key=name)
    doubtful = wanted.filter(state=State.UNKNOWN).update(state=State.SENDING, look_at=now)
    waiting = wanted.filter(Q(state=State.SENDING, look_at__isnull=False) | Q(state=State.SENT))
    return doubtful + waiting.filter(Q(look_at__gt=now) | Q(look_at__isnull=True)).update(look_at=now)
