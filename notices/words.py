"""What is said outside: one notice, or several folded into one message. In the company's language."""

from collections import Counter
from collections.abc import Sequence
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from notices.channels import Message
from notices.models import Notice

LISTED = 20  # subjects named in one message; the inbox has them all


def message_of(notices: Sequence[Notice], key: str) -> Message:
    """One message for these notices: as it is for one, else the loudest in the subject line and all as a list."""
    loudest = min(notices, key=lambda notice: notice.urgency)
    if len(notices) == 1:
        return Message(loudest.subject, loudest.body, link_of(loudest), loudest.urgency, key)
    subjects = Counter(notice.subject for notice in notices)
    with override(settings.LANGUAGE_CODE):
        subject = loudest.subject
        if len(subjects) > 1:
            more = len(subjects) - 1
            words = ngettext("%(subject)s (and %(n)s more)", "%(subject)s (and %(n)s more)", more)
            subject = words % {"subject": subject, "n": more}
        lines = [
            subject if times == 1 else _("%(subject)s (%(n)s times)") % {"subject": subject, "n": times}
            for subject, times in list(subjects.items())[:LISTED]
        ]
        if len(subjects) > LISTED:
            left = len(subjects) - LISTED
            lines.append(ngettext("and %(n)s more", "and %(n)s more", left) % {"n": left})
    links = {link_of(notice) for notice in notices}
    inbox = urljoin(settings.SITE_URL, reverse("notices:inbox"))
    url = links.pop() if len(links) == 1 else inbox if loudest.person_id else link_of(loudest)
    return Message(subject, "\n".join(f"· {line}" for line in lines), url, loudest.urgency, key)


def link_of(notice: Notice) -> str:
    """Where its message leads: to the page with 收到 where it asks for that, else to what it is about."""
    path = reverse("acknowledge", args=[notice.uuid]) if notice.call_id else notice.url
    return urljoin(settings.SITE_URL, path) if path else ""
