"""Searches a person keeps under a name: theirs alone."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from audit import services as audit
from opinion.models import SavedSearch

MOST = 100  # of one person


class NameTaken(Exception):
    """This person has a search of that name already."""


class TooMany(Exception):
    """This person keeps as many searches as anybody may."""


@transaction.atomic
def save_search(*, name: str, query: str, filters: Mapping[str, str], actor: User, now: datetime) -> SavedSearch:
    """Keep a search. Raises NameTaken, TooMany."""
    if SavedSearch.objects.filter(owner=actor).count() >= MOST:
        raise TooMany(actor)
    search = SavedSearch(owner=actor, name=name, query=query, filters=dict(filters), made_at=now)
    _save(search)
    audit.record("opinion.search_saved", actor=actor, subject=f"search:{search.pk}", detail={"query": query})
    return search


@transaction.atomic
def rename_search(search: SavedSearch, *, name: str, actor: User) -> None:
    """Call it something else. Raises NameTaken."""
    before, search.name = search.name, name
    _save(search)
    detail = {"before": before, "after": name}
    audit.record("opinion.search_renamed", actor=actor, subject=f"search:{search.pk}", detail=detail)


@transaction.atomic
def delete_search(search: SavedSearch, *, actor: User) -> None:
    subject, name = f"search:{search.pk}", search.name
    search.delete()
    audit.record("opinion.search_deleted", actor=actor, subject=subject, detail={"name": name})


def _save(search: SavedSearch) -> None:
    try:
        with transaction.atomic():
            search.save()
    except IntegrityError as error:
        raise NameTaken(search.name) from error
