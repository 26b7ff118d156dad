"""What all notices share: the company's language, a time in words, how loud a level is."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec

from django.conf import settings
from django.utils import timezone, translation

from incidents.levels import Level
from notices.models import Urgency

Message = dict[str, Any]


P = ParamSpec("P")


URGENCY = {Level.ONE: Urgency.NOW, Level.TWO: Urgency.SOON, Level.THREE: Urgency.SOON, Level.UNSET: Urgency.CALM}


def in_company_language(write: Callable[P, Message]) -> Callable[P, Message]:
    """Write a message in the company's language and with the keywords `notify` wants beside the people."""

    @wraps(write)
    def written(*args: P.args, **kwargs: P.kwargs) -> Message:
        with translation.override(settings.LANGUAGE_CODE):
            return write(*args, **kwargs)

    return written


def clock_time(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}"
