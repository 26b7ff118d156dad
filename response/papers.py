"""What stands in a paper: its headed sections by kind, its words as one text, the hash a signature is bound to. Pure.

A paper is an internal text that one leader signs: the response plan of an incident (应对方案, H2.1), or a report to a
regulator (C1). Contents of a report: practice.md C9.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PLAN, FIRST, FOLLOW_UP, FINAL = "plan", "first", "follow", "final"
REPORTS = (FIRST, FOLLOW_UP, FINAL)
Words = str | Promise
Section = tuple[str, Words, Words]  # code, heading, what belongs there

PLAN_SECTIONS: tuple[Section, ...] = (
    ("stance", _("Stance"), _("Where the company stands: what it owns up to, what it does not, towards whom.")),
    ("line", pgettext_lazy("what everybody says", "Line"), _("What everybody says, word for word. Facts only.")),
    ("channels", _("Channels"), _("Where it is said and where not: newsroom, WeChat, Weibo, hotline, in person.")),
    ("timing", _("Timing"), _("What is said when, what it waits for, and when the next word is due.")),
)
REPORT_SECTIONS: tuple[Section, ...] = (
    ("happened", _("Time"), _("When it happened, and when the company came to know.")),
    ("place", _("Place"), _("Province, city, street, site.")),
    ("unit", _("Unit concerned"), _("The company, the site, who is responsible.")),
    ("course", _("Course of events"), _("What is known, in the order it happened. Say what is still being checked.")),
    ("losses", _("Casualties and losses"), _("People, property, environment. Write “none so far” if it is so.")),
    ("opinion", _("Public opinion"), _("How much is said, how, and where.")),
    ("measures", _("Measures taken"), _("What has been done, since when.")),
    (
        "next_steps",
        pgettext_lazy("report to a regulator", "Next steps"),
        _("What comes next, and when the next report is due."),
    ),
)


def sections(kind: str) -> tuple[Section, ...]:
    return PLAN_SECTIONS if kind == PLAN else REPORT_SECTIONS


def as_text(kind: str, content: Mapping[str, str], rows: Sequence[str] = ()) -> str:
    """The whole paper as one text, in the reader's language: what is compared between versions."""
    parts = [f"【{heading}】\n{content.get(code, '')}" for code, heading, _help in sections(kind)]
    if rows:
        parts.append("\n".join([f"【{_('Division of work')}】", *rows]))
    return "\n\n".join(parts)


def hash_of(content: Mapping[str, str], rows: Sequence[str] = ()) -> str:
    """What a signature is bound to; the same in every language."""
    words = [f"{code}\n{content[code]}" for code in sorted(content)]
    return sha256("\n\n".join([*words, *rows]).encode()).hexdigest()


def missing(kind: str, content: Mapping[str, str]) -> list[Words]:
    """Headings of sections that are still empty, in order."""
    return [heading for code, heading, _help in sections(kind) if not content.get(code, "").strip()]
