"""What waits for a principal although somebody stands in: the stand-in wrote it, and nobody signs their own words."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.selectors import delegations_in_force
from incidents.selectors.approvals import Waiting
from response.selectors.holding import holding_texts_waiting
from response.selectors.papers import papers_waiting
from response.selectors.signoffs import signatures_waiting


def written_by_delegates(person: User, now: datetime) -> list[Waiting]:
    """Of what waits for this person's signature, what somebody wrote who signs in their name, and may not
    (settings.DELEGATE_HOOKS)."""
    delegates = set(delegations_in_force(now).filter(principal=person).values_list("delegate", flat=True))
    if not delegates:
        return []
    kinds: tuple[tuple[str, Iterable[tuple[Waiting, Any]]], ...] = (
        ("signature", [(one, one.row.version) for one in signatures_waiting(person)]),
        ("holding", [(one, one.row) for one in holding_texts_waiting(person)]),
        ("paper", [(one, one.row) for one in papers_waiting(person)]),
    )
    return [
        replace(one, template=f"response/_delegates_{kind}.html")
        for kind, waiting in kinds
        for one, text in waiting
        if delegates & {writer.pk for writer in text.writers.all()}
    ]
