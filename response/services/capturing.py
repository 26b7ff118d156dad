"""Rendering pages of preserved posts in the background. The network is touched between transactions, never in one."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from incidents.services.timeline import note_on
from notices.services import notify
from opinion.services.evidence import NotKept, Upload, lay_down
from response import messages
from response.capturing import browser
from response.capturing.browser import NoPage, Page
from response.models import Capture, Exhibit
from response.services.evidence import exhibit_of, seal

logger = logging.getLogger(__name__)
State = Capture.State
LEASE = timedelta(seconds=180)
MOST_TRIES = 3


def due_captures(now: datetime) -> QuerySet[Capture]:
    """Asked for, or claimed so long ago that the worker must have died; the oldest first."""
    lost = Q(state=State.RUNNING, claimed_at__lt=now - LEASE)
    due = Capture.objects.filter(Q(state=State.QUEUED) | lost)
    return due.select_related("preservation__incident__exercise", "preservation__post", "asked_by").order_by("pk")


def claim(capture: Capture, now: datetime) -> bool:
    """Take one; False when another worker has it."""
    ours = Capture.objects.filter(pk=capture.pk, state=capture.state, claimed_at=capture.claimed_at)
    if ours.update(state=State.RUNNING, claimed_at=now, tries=F("tries") + 1) != 1:
        return False
    capture.refresh_from_db(fields=["state", "claimed_at", "tries"])
    return True


def carry_out(capture: Capture, now: datetime) -> str:
    """Render the page of a claimed row and keep the picture, or say why there is none; returns the state."""
    with translation.override(settings.LANGUAGE_CODE):
        try:
            page = rendered(capture)
            file = lay_down(Upload(f"{capture.preservation.number}.png", page.picture))
        except NoPage as reason:
            return end(capture, State.WALL if reason.is_wall else State.FAILED, str(reason), now)
        except NotKept:
            return end(capture, State.FAILED, _("The picture is too large to be kept."), now)
    with transaction.atomic():
        if not close(capture, State.KEPT, "", now):
            return State.RUNNING
        preservation = capture.preservation
        origin = {
            "asked": capture.url,
            "address": page.address,
            "status": page.status,
            "shows_words": page.shows_words,
            "browser": page.browser,
            "refused": page.refused,
        }
        same = preservation.exhibits.filter(sha256=file.sha256).first()
        exhibit = same or exhibit_of(preservation, file, Exhibit.Kind.CAPTURE, None, now, origin)
        seals = [] if same else [seal(exhibit)]
        Capture.objects.filter(pk=capture.pk).update(exhibit=exhibit)
        note_on(
            preservation.incident,
            "response.capture_kept",
            actor=None,
            now=now,
            detail={"number": preservation.number, "seals": seals},
            url=preservation.get_absolute_url(),
        )
    return State.KEPT


def rendered(capture: Capture) -> Page:
    """Raises NoPage: a drill does not go out, a row that killed its workers is not tried for ever."""
    if capture.preservation.incident.exercise_id is not None:
        raise NoPage(_("This is a drill: nothing outside is asked."))
    if capture.tries > MOST_TRIES:
        raise NoPage(_("It was tried %(tries)s times, and each time the worker was lost.") % {"tries": MOST_TRIES})
    return browser.render(capture.url, capture.preservation.post.text or capture.preservation.post.title)


def end(capture: Capture, state: str, words: str, now: datetime) -> str:
    """It was not kept: said on the timeline, and to whoever asked."""
    with transaction.atomic():
        if not close(capture, state, words, now):
            return State.RUNNING
        capture.state, capture.words = state, words
        preservation = capture.preservation
        notify([capture.asked_by], **messages.capture_ended(capture))
        note_on(
            preservation.incident,
            "response.capture_ended",
            actor=None,
            now=now,
            detail={"number": preservation.number, "words": words},
            url=preservation.get_absolute_url(),
        )
    logger.info("capture ended state=%s capture=%s", state, capture.pk)
    return state


def close(capture: Capture, state: str, words: str, now: datetime) -> bool:
    """Write the end down, unless another worker took it over meanwhile."""
    ours = Capture.objects.filter(pk=capture.pk, state=State.RUNNING, claimed_at=capture.claimed_at)
    return ours.update(state=state, words=words[:500], ended_at=now) == 1
