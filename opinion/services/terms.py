"""Words of the company's own: added to the shipped lists by people, used from the next batch on."""

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

from django.db import transaction

from accounts.models import User
from accounts.versions import save_if_current
from audit import services as audit
from opinion import rules
from opinion.models import CompanyTerm, TermKind, Watch
from opinion.permissions import require
from opinion.sentiment.features import fold
from opinion.sentiment.terms import Term
from opinion.words import use_names

EDITABLE = ("text", "kind", "category", "severity", "watch", "is_enabled")
LONGEST_NAME = 20
# What jieba would not keep whole anyway: it cuts at everything that is no letter, digit or one of these.
_WHOLE = re.compile(rf"[\w+#&.%\-]{{2,{LONGEST_NAME}}}")


@dataclass(frozen=True, slots=True)
class TermSet:
    """The company's terms as the engines take them. everywhere: for every post; by_watch: for those it wants."""

    everywhere: tuple[Term, ...] = ()
    by_watch: dict[int, tuple[Term, ...]] = field(default_factory=dict)

    def for_watches(self, watches: Collection[int]) -> tuple[Term, ...]:
        """The terms that count in a post these watches want. Of one text a watch's word stands before the company's."""
        own = [self.by_watch[watch] for watch in sorted(watches) if watch in self.by_watch]
        return tuple({term.text: term for terms in (self.everywhere, *own) for term in terms}.values())


def terms_in_force() -> TermSet:
    """What the company added and has not switched off. One query."""
    everywhere: list[Term] = []
    by_watch: dict[int, list[Term]] = defaultdict(list)
    rows = CompanyTerm.objects.filter(is_enabled=True).order_by("text", "pk")
    for text, kind, category, severity, watch in rows.values_list("text", "kind", "category", "severity", "watch_id"):
        # A name guards: a crisis term inside it, as in a brand called 爆炸猫, says nothing.
        term = Term(fold(text), "guard" if kind == TermKind.NAME else kind, category, severity or 0)
        if term.text:
            (everywhere if watch is None else by_watch[watch]).append(term)
    return TermSet(tuple(everywhere), {watch: tuple(terms) for watch, terms in by_watch.items()})


def dictionary_names() -> list[str]:
    """The names jieba is to keep whole: the company's, and the words the watches that listen ask for. Two queries."""
    names = CompanyTerm.objects.filter(kind=TermKind.NAME, is_enabled=True).values_list("text", flat=True)
    asked = Watch.objects.filter(is_enabled=True).values_list("rule", flat=True)
    found = {fold(name) for name in names}.union(*(_asked_words(rule) for rule in asked))
    return sorted(filter(can_be_whole, found))


def dictionary_digest() -> str:
    """Changes whenever the names do: texts cut under another digest were cut by another dictionary."""
    return sha256("\n".join(dictionary_names()).encode()).hexdigest()[:16]


def can_be_whole(name: str) -> bool:
    """Whether jieba can keep a name in one piece."""
    return _WHOLE.fullmatch(name) is not None


def apply_names() -> None:
    """Cut by today's names in this process. Cheap where nothing changed: called before each batch."""
    use_names(dictionary_names())


@lru_cache(maxsize=1024)
def _asked_words(rule: str) -> tuple[str, ...]:
    try:
        return tuple(rules.asked_words(rules.read(rule)))
    except rules.RuleError:  # told where watches are matched (analysis.find_wanted)
        return ()


@transaction.atomic
def add_term(term: CompanyTerm, *, actor: User) -> CompanyTerm:
    """Let a word of ours count from the next batch on. Scores that were given stay."""
    require(actor, "edit_terms")
    term.added_by = actor
    term.save(force_insert=True)
    audit.record("opinion.term_added", actor=actor, subject=f"term:{term.pk}", detail=_described(term))
    return term


@transaction.atomic
def change_term(term: CompanyTerm, *, seen_version: int, actor: User) -> CompanyTerm:
    """Save what a person changed, switching off and on included. Raises Stale where somebody else was faster."""
    require(actor, "edit_terms")
    before = CompanyTerm.objects.get(pk=term.pk)
    save_if_current(term, seen_version, EDITABLE)
    audit.record(
        "opinion.term_changed",
        actor=actor,
        subject=f"term:{term.pk}",
        detail={"before": _described(before), "after": _described(term)},
    )
    return term


def _described(term: CompanyTerm) -> dict[str, str | int | bool | None]:
    return {
        "text": term.text,
        "kind": term.kind,
        "category": term.category,
        "severity": term.severity,
        "watch": term.watch.name if term.watch else "",
        "is_enabled": term.is_enabled,
    }
