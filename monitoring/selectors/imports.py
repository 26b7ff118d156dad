"""Files of posts as pages show them: the list, and what became of their posts."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from accounts.models import User
from monitoring.models import Import, Signal
from opinion.models import Evidence, Match, Post, Triage

KEPT_SHOWN = 200


def imports(state: str = "") -> QuerySet[Import]:
    """Every file that was brought, the newest first."""
    found = Import.objects.select_related("source", "by", "undone_by")
    return found.filter(state=state) if state else found


def posts_of(one: Import, user: User) -> QuerySet[Post]:
    """What a file brought and was not taken back, the newest first."""
    matches = Match.objects.select_related("watch").order_by("pk")
    posts = Post.objects.visible_to(user).filter(pk__in=one.posts.values("pk")).select_related("source", "original")
    return posts.prefetch_related(Prefetch("matches", queryset=matches)).order_by("-published_at", "-pk")


def kept_posts(one: Import, user: User) -> Sequence[Post]:
    """Posts that stayed when the import was taken back; `has_evidence` and `is_cited` say what holds them."""
    cited = Signal.everywhere.filter(posts=OuterRef("pk"))
    return list(
        posts_of(one, user).annotate(
            has_evidence=Exists(Evidence.objects.filter(post=OuterRef("pk"))), is_cited=Exists(cited)
        )[:KEPT_SHOWN]
    )


def went_back(one: Import) -> int:
    """How many of its posts have been taken back so far."""
    return one.posts.filter(triage=Triage.UNDONE).count()
