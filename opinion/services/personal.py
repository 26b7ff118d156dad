"""What a person may ask of us (PIPL): what is found about them, and a copy of it. And opening an original.

A request is looked for in the background (`look_for`); a person checks what was found and answers exactly that, here
with a copy, in `opinion.services.erasure` by erasing it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q

from accounts.models import User
from accounts.secrets import decrypt, encrypt
from accounts.versions import Stale, save_if_current
from audit import services as audit
from opinion.masking import mask
from opinion.models import Heard, PersonalRequest, Post, PostEdit, PostOriginal
from opinion.permissions import require
from opinion.services.retention import hashed_names
from opinion.text import AUTHOR_CAP, clean, fold_word

AT_ONCE = 200  # posts in one transaction
WINDOW = 10_000  # posts looked through at once
MOST = 20_000  # posts one request may find; words that find more name no person
SHORTEST_NUMBER = 7

Kind = PersonalRequest.Kind


# --- whom it is about ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Subject:
    """accounts: (platform, name). words: names and numbers. found: keys of posts, None before anybody looked.

    found  own: by these accounts; mentions: others name them; numbers: only the encrypted original names them
    """

    accounts: list[tuple[str, str]]
    words: list[str]
    found: dict[str, list[int]] | None = None

    def sealed(self) -> bytes:
        return encrypt(json.dumps({"accounts": self.accounts, "words": self.words, "found": self.found}))

    @property
    def pattern(self) -> re.Pattern[str]:
        """Where a text names the person: the words, and the accounts behind an @."""
        names = [f"@{re.escape(name)}(?![\\w-])" for _platform, name in self.accounts]
        return re.compile("|".join([*map(re.escape, self.words), *names]), re.IGNORECASE)

    def owns(self) -> Q:
        """The posts by these accounts, under their name or its hash."""
        own = Q(pk__in=[])
        for platform, name in self.accounts:
            kept = mask(clean(name, AUTHOR_CAP))
            on_it = Q(platform=platform) | Q(platform="", source__platform=platform)
            own |= Q(author__in=[kept, *hashed_names(platform, kept)]) & on_it
        return own

    def may_name(self, *columns: str) -> Q:
        """Rows that may name the person in one of these columns; `pattern` says for sure."""
        named = Q(pk__in=[])
        for word in [*self.words, *(f"@{name}" for _platform, name in self.accounts)]:
            for column in columns:
                named |= Q(**{f"{column}__icontains": word})
        return named


def subject_of(request: PersonalRequest) -> Subject:
    kept = json.loads(decrypt(bytes(request.subject)))
    return Subject([(platform, name) for platform, name in kept["accounts"]], kept["words"], kept["found"])


@transaction.atomic
def enter_request(
    *, kind: str, accounts: Sequence[tuple[str, str]], words: Sequence[str], reference: str, asked_on: date,
    actor: User, now: datetime,
) -> PersonalRequest:  # fmt: skip
    """Write down what a person asked. Ring `tasks.look_for_people` afterwards."""
    require(actor, "answer_personal_requests")
    request = PersonalRequest.objects.create(
        kind=kind,
        subject=Subject(list(accounts), list(words)).sealed(),
        reference=reference,
        asked_on=asked_on,
        entered_by=actor,
        entered_at=now,
    )
    audit.record("opinion.personal_request_entered", actor=actor, subject=_named(request), detail={"kind": kind})
    return request


def look_again(request: PersonalRequest, *, seen_version: int, actor: User) -> None:
    """Forget what was found, so that it is looked for anew. Raises Stale."""
    require(actor, "answer_personal_requests")
    check_open(request, seen_version)
    subject = subject_of(request)
    request.subject = Subject(subject.accounts, subject.words).sealed()
    request.counts = {}
    save_if_current(request, seen_version, ["subject", "counts"])


def in_batches(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))


def _named(request: PersonalRequest) -> str:
    return f"personal_request:{request.uuid}"


def check_open(request: PersonalRequest, seen_version: int) -> None:
    if request.answered_by is not None or request.version != seen_version:
        raise Stale(request)


# --- looking ---------------------------------------------------------------------------------------------------------
def unsearched() -> Iterator[PersonalRequest]:
    """Requests nobody has looked for yet, the oldest first."""
    for request in PersonalRequest.objects.filter(answered_by__isnull=True).order_by("pk"):
        if "as_of" not in request.counts:
            yield request


def look_for(request: PersonalRequest, *, now: datetime) -> None:
    """Find everything a request is about, a window of posts at a time, telling how far it is. May be repeated."""
    subject = subject_of(request)
    last = Post.everywhere.aggregate(Max("pk"))["pk__max"] or 0
    waiting = PersonalRequest.objects.filter(pk=request.pk, version=request.version)
    own: list[int] = []
    mentions: list[int] = []
    numbers: list[int] = []
    for start in range(0, last, WINDOW):
        window = Post.everywhere.filter(pk__gt=start, pk__lte=start + WINDOW, erased_at__isnull=True).order_by("pk")
        mine = set(window.filter(subject.owns()).values_list("pk", flat=True))
        named = {pk for pk in _named_in(window, subject) if pk not in mine}
        own += sorted(mine)
        mentions += sorted(named)
        numbers += [pk for pk in _original_names(start, subject) if pk not in mine and pk not in named]
        if len(own) + len(mentions) + len(numbers) > MOST:
            waiting.update(counts={"as_of": now.isoformat(), "too_many": MOST}, version=F("version") + 1)
            return
        if not waiting.update(counts={"done": min(start + WINDOW, last), "of": last}):
            return  # somebody else was faster
    found = {"own": own, "mentions": mentions, "numbers": numbers}
    counts = {"as_of": now.isoformat(), **_counted(found), "heard": len(heard_naming(subject))}
    sealed = Subject(subject.accounts, subject.words, found).sealed()
    waiting.update(subject=sealed, counts=counts, version=F("version") + 1)


def _named_in(posts: Any, subject: Subject) -> list[int]:
    """Posts that name the person, or did before they were edited."""
    pattern = subject.pattern
    rows = list(posts.filter(subject.may_name("title", "text")).values_list("pk", "title", "text"))
    earlier = PostEdit.objects.filter(subject.may_name("title", "text"), post__in=posts.order_by().values("pk"))
    rows += earlier.values_list("post", "title", "text")
    return sorted({pk for pk, title, text in rows if pattern.search(f"{title}\n{text}")})


def _original_names(start: int, subject: Subject) -> Iterator[int]:
    """Posts of a window whose encrypted original names the person: a number is found there however it is written."""
    pattern = subject.pattern
    bare = [number for word in subject.words if (number := _bare(word)) and len(number) >= SHORTEST_NUMBER]
    bare = [number for number in bare if any(char.isdigit() for char in number)]
    originals = PostOriginal.objects.filter(post__gt=start, post__lte=start + WINDOW, post__erased_at__isnull=True)
    for post, cipher in originals.order_by("post").values_list("post", "cipher").iterator(chunk_size=AT_ONCE):
        said = "\n".join(json.loads(decrypt(bytes(cipher))).values())
        if pattern.search(said) or any(number in _bare(said) for number in bare):
            yield post


def _bare(text: str) -> str:
    return "".join(char for char in fold_word(text) if char.isalnum())


def heard_naming(subject: Subject) -> list[int]:
    rows = Heard.everywhere.filter(subject.may_name("text")).order_by("pk").values_list("pk", "text")
    return [pk for pk, text in rows if subject.pattern.search(text)]


def _counted(found: dict[str, list[int]]) -> dict[str, int]:
    """How many of each kind there are and how many of them are held; `originals`: how many still have one."""
    counts: dict[str, int] = {"originals": 0}
    for kind, keys in found.items():
        posts = [Post.everywhere.filter(pk__in=some) for some in in_batches(keys)]
        counts[kind] = len(keys)
        counts[f"{kind}_held"] = sum(some.filter(is_held=True).count() for some in posts)
        counts["originals"] += sum(some.filter(unmasked__isnull=False).count() for some in posts)
    return counts


# --- a copy ----------------------------------------------------------------------------------------------------------
def answer_with_copy(request: PersonalRequest, *, seen_version: int, actor: User, now: datetime) -> dict[str, Any]:
    """Everything that is kept, to be handed over once: {made_at, accounts, words, posts, mentions}. Raises Stale.

    posts  theirs, unmasked where the original is still there    mentions  by others, masked, without their names
    earlier  in both: what a post said before it was edited, masked
    """
    require(actor, "answer_personal_requests")
    check_open(request, seen_version)
    subject = subject_of(request)
    if request.kind != Kind.EXPORT or subject.found is None:
        raise Stale(request)
    copy = {
        "made_at": now.isoformat(),
        "accounts": [{"platform": platform, "name": name} for platform, name in subject.accounts],
        "words": subject.words,
        "posts": list(_copied(subject.found["own"], is_own=True)),
        "mentions": list(_copied([*subject.found["mentions"], *subject.found["numbers"]], is_own=False)),
    }
    write_answer(
        request, seen_version, actor, now, {"posts": len(copy["posts"]), "mentions_copied": len(copy["mentions"])}
    )
    return copy


def _copied(keys: Sequence[int], *, is_own: bool) -> Iterator[dict[str, Any]]:
    for some in in_batches(keys):
        posts = Post.everywhere.filter(pk__in=some).select_related("source", "unmasked").prefetch_related("edits")
        for post in posts.order_by("pk"):
            said = {"title": post.title, "text": post.text, "author": post.author, "url": post.url}
            if is_own and hasattr(post, "unmasked"):
                said |= json.loads(decrypt(bytes(post.unmasked.cipher)))
            yield {
                "platform": post.said_on,
                "published_at": post.published_at.isoformat(),
                "first_seen_at": post.first_seen_at.isoformat(),
                **said,
                "author": said["author"] if is_own else "",
                "earlier": [
                    {"title": edit.title, "text": edit.text, "until": edit.seen_at.isoformat()}
                    for edit in post.edits.all()
                ],
            }


def write_answer(request: PersonalRequest, seen_version: int, actor: User, now: datetime, done: dict[str, int]) -> None:
    """Write down that a request is answered, by whom and with how many; which posts they were is not kept."""
    with transaction.atomic():
        subject = subject_of(request)
        request.subject = Subject(subject.accounts, subject.words).sealed()
        request.counts = {**request.counts, **done}
        request.answered_by, request.answered_at = actor, now
        save_if_current(request, seen_version, ["subject", "counts", "answered_by", "answered_at"])
        detail = {"kind": request.kind, **{name: n for name, n in request.counts.items() if isinstance(n, int)}}
        audit.record("opinion.personal_request_answered", actor=actor, subject=_named(request), detail=detail)


# --- the original of one post ----------------------------------------------------------------------------------------
@transaction.atomic
def open_original(post: Post, *, actor: User, reason: str) -> dict[str, str]:
    """What was said before numbers were masked: title, text, author, and the address where that was masked too.

    Shown once and written down with the reason. Raises PostOriginal.DoesNotExist where nothing was masked or its time
    is over.
    """
    require(actor, "open_original", post)
    said: dict[str, str] = json.loads(decrypt(bytes(PostOriginal.objects.get(post=post).cipher)))
    audit.record("opinion.original_opened", actor=actor, subject=f"post:{post.uuid}", detail={"reason": mask(reason)})
    return said
