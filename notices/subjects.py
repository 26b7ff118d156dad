"""What a notice is about, and who may know of that: dotted names in settings.NOTICE_SUBJECTS answer, upstairs.

`about` is `<kind>:<uuid>`, for instance `incident:0b5e…`. Of a kind nobody answers for, only those who were told know.
"""

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import User


def may_know(person: User | None, about: str) -> bool:
    """Whether this person may know of it now; None: everybody who reads in a group chat."""
    kind, _colon, key = about.partition(":")
    return not is_answered_for(about) or bool(import_string(settings.NOTICE_SUBJECTS[kind])(person, key))


def is_answered_for(about: str) -> bool:
    """Whether somebody upstairs says who may know of it."""
    return about.partition(":")[0] in settings.NOTICE_SUBJECTS
