"""Statements for the search box."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch

from accounts.models import User
from opinion.search import Query
from response.models import Statement, StatementVersion

SEARCHED = 2000  # statements that are read word for word, the newest


def found_by(person: User, query: Query | None, filters: Mapping[str, Any]) -> list[Statement]:
    """Statements this person may see whose newest version a search wants; `since`, `until`, `level` narrow it."""
    statements = Statement.objects.visible_to(person).order_by("-created_at", "-pk")
    spans = (("since", "created_at__gte"), ("until", "created_at__lt"), ("level", "incident__level"))
    for name, lookup in spans:
        if filters.get(name) is not None:
            statements = statements.filter(**{lookup: filters[name]})
    versions = Prefetch("versions", StatementVersion.objects.readable_by(person))
    near = statements.select_related("incident").prefetch_related(versions)[:SEARCHED]
    return [
        statement
        for statement in near
        if query is None or query.wants(f"{statement.number}\n{statement.newest.title}\n{statement.newest.text}")
    ]
