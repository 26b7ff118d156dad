"""存证: preserving posts so that nobody can change what was kept, and checking that nobody did.

A preserved post is a sealed row (`models.sealed`), each file another, each number from outside another. The seal stands
in the row and in the audit entry of the act, which is chained; the tables are append-only in the database.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.secrets import decrypt
from audit.chain import moment
from audit.models import Entry
from audit.services import verify as verify_trail
from incidents.figures import posts_of, with_reposts
from incidents.models import Incident
from incidents.services.numbering import next_number
from incidents.services.timeline import note_on
from opinion.models import Post, PostOriginal
from opinion.services.evidence import Altered, Kept, Upload, read
from response.models import Attachment, Capture, EvidenceNumber, Exhibit, FactSheet, Preservation
from response.models.sealed import Sealed
from response.notnow import NotNow
from response.permissions import require
from response.services import attachments
from response.services.facts import hold

SERIES = "CZ"
SEALED: tuple[type[Sealed], ...] = (FactSheet, Preservation, Exhibit, EvidenceNumber)
NUMBERED = {
    EvidenceNumber.Kind.TIMESTAMP: "response.timestamp_noted",
    EvidenceNumber.Kind.NOTARY: "response.notary_noted",
}


# --- preserving ------------------------------------------------------------------------------------------------------
def preserve_post(
    incident: Incident,
    post: Post,
    *,
    actor: User,
    now: datetime,
    uploads: Sequence[Upload] = (),
    note: str = "",
    captures: bool = False,
) -> Preservation:
    """Keep what a post says now, what it said before, its figures, and the screenshots there are of it.

    uploads   screenshots, recordings brought now; those kept with the post before go along
    captures  have the worker render its page as well
    The post is held from the retention job from then on.
    Raises PermissionDenied, NotNow (not a post of the incident, no address to render), Unfit for a file.
    """
    require(actor, "preserve_post", incident)
    if not with_reposts(posts_of(incident)).filter(pk=post.pk).exists():
        raise NotNow(_("This post is not part of the incident."))
    if captures and not post.url:
        raise NotNow(_("This post has no address to render: bring a screenshot."))
    files = attachments.lay_down(uploads)  # before the rows: one without its file would lie
    with transaction.atomic():
        preservation = Preservation(
            incident=incident,
            post=post,
            number=next_number(SERIES, now=now, exercise=incident.exercise),
            record=record_of(post),
            note=note.strip(),
            added_by=actor,
            added_at=now,
        )
        seals = [seal(preservation)]
        known = post.evidence.values_list("sha256", "name", "content_type", "size")
        for file in {kept.sha256: kept for kept in [*(Kept(*row) for row in known), *files]}.values():
            seals.append(seal(exhibit_of(preservation, file, Exhibit.Kind.UPLOAD, actor, now)))
        hold([post])
        if captures:
            ask_for_capture(preservation, actor, now)
        note_on(
            incident,
            "response.post_preserved",
            actor=actor,
            now=now,
            note=preservation.note,
            detail={"number": preservation.number, "files": len(seals) - 1, "seals": seals},
            url=preservation.get_absolute_url(),
        )
    return preservation


def record_of(post: Post) -> dict[str, Any]:
    """Text and metadata as they stand, plain values only.

    The text is masked as everywhere on the desk; `original_sha256` is the hash of the unmasked words (which are held,
    encrypted), so that they can be proved when a court asks for them; None where they are gone.
    """
    return {
        "uuid": str(post.uuid),
        "external_id": post.key.external_id,
        "source": post.source.name,
        "source_class": post.source.source_class,
        "platform": post.said_on,
        "title": post.title,
        "text": post.text,
        "url": post.url,
        "author": post.author,
        "region": post.region,
        "published_at": moment(post.published_at),
        "date_doubt": post.date_doubt,
        "first_seen_at": moment(post.first_seen_at),
        **{name: getattr(post, name) for name in ("reposts", "comments", "likes", "reads", "followers", "rank")},
        "copies": post.copy_count,
        "earlier": [
            {"title": edit.title, "text": edit.text, "replaced_at": moment(edit.seen_at)} for edit in post.edits.all()
        ],
        "original_sha256": hash_of_original(post),
    }


def hash_of_original(post: Post) -> str | None:
    kept = PostOriginal.objects.filter(post=post).first()
    if kept is None:
        return None
    try:
        return sha256(decrypt(bytes(kept.cipher)).encode()).hexdigest()
    except InvalidToken:  # its key was taken away: then nobody can prove it any more
        return None


def exhibit_of(
    preservation: Preservation,
    file: Kept,
    kind: str,
    actor: User | None,
    now: datetime,
    origin: Mapping[str, Any] | None = None,
) -> Exhibit:
    return Exhibit(
        preservation=preservation,
        kind=kind,
        origin=dict(origin or {}),
        added_by=actor,
        added_at=now,
        **asdict(file),
    )


def seal(row: Sealed) -> str:
    """Write a new row with its seal; returns the seal, for the audit entry."""
    row.seal = row.sealed()
    row.save(force_insert=True)
    return row.seal


def add_exhibits(preservation: Preservation, uploads: Sequence[Upload], *, actor: User, now: datetime) -> list[Exhibit]:
    """Keep more files with a preserved post; one that it has already is passed over. Raises Unfit, NotNow for none."""
    require(actor, "preserve_post", preservation.incident)
    files = attachments.lay_down(uploads)
    with transaction.atomic():
        Preservation.objects.select_for_update(no_key=True).get(pk=preservation.pk)
        there = set(preservation.exhibits.values_list("sha256", flat=True))
        new = {file.sha256: file for file in files if file.sha256 not in there}
        if not new:
            raise NotNow(_("These files are kept already."))
        added = [exhibit_of(preservation, file, Exhibit.Kind.UPLOAD, actor, now) for file in new.values()]
        seals = [seal(row) for row in added]
        note_on(
            preservation.incident,
            "response.exhibits_added",
            actor=actor,
            now=now,
            detail={"number": preservation.number, "files": len(seals), "seals": seals},
            url=preservation.get_absolute_url(),
        )
    return added


@transaction.atomic
def note_number(
    preservation: Preservation, *, actor: User, now: datetime, kind: str, number: str, issuer: str, issued_on: date
) -> EvidenceNumber:
    """Write down the number a timestamp authority or a notary gave. Raises PermissionDenied, NotNow."""
    require(actor, "number_evidence", preservation)
    row = EvidenceNumber(
        preservation=preservation,
        kind=kind,
        number=number.strip(),
        issuer=issuer.strip(),
        issued_on=issued_on,
        added_by=actor,
        added_at=now,
    )
    if preservation.numbers.filter(kind=kind, number=row.number).exists():
        raise NotNow(_("This number is written down already."))
    detail = {"number": preservation.number, "given": row.number, "seals": [seal(row)]}
    note_on(
        preservation.incident,
        NUMBERED[EvidenceNumber.Kind(kind)],
        actor=actor,
        now=now,
        note=f"{row.issuer} {row.issued_on}",
        detail=detail,
        url=preservation.get_absolute_url(),
    )
    return row


@transaction.atomic
def capture_again(preservation: Preservation, *, actor: User, now: datetime) -> Capture:
    """Have the page rendered, or rendered once more. Raises PermissionDenied, NotNow (no address, one under way)."""
    require(actor, "preserve_post", preservation.incident)
    if not preservation.record["url"]:
        raise NotNow(_("This post has no address to render: bring a screenshot."))
    return ask_for_capture(preservation, actor, now)


def ask_for_capture(preservation: Preservation, actor: User, now: datetime) -> Capture:
    try:
        with transaction.atomic():
            return Capture.objects.create(
                preservation=preservation, url=preservation.record["url"], asked_by=actor, asked_at=now
            )
    except IntegrityError:
        raise NotNow(_("The page is being rendered already.")) from None


# --- checking --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was sealed: what it is, and what is wrong with it."""

    thing: str
    reason: str


@dataclass(slots=True)
class Verdict:
    """What checking found. `rows` sealed rows and `files` files were looked at."""

    rows: int = 0
    files: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.faults


def verify() -> Verdict:
    """Check every sealed row against its seal and the trail, every file (attachments, too) against
    its hash, and the trail itself.

    Raises DatabaseError, OSError where something cannot be read at all.
    """
    verdict = Verdict()
    trail = verify_trail()
    if not trail.whole:
        verdict.faults.append(Fault("audit trail", trail.reason))
    told = Counter(seals_of_the_trail())
    for model in SEALED:
        for row in model._base_manager.order_by("pk").iterator(chunk_size=500):
            verdict.rows += 1
            name = f"{model._meta.model_name} {row.uuid} ({row})"
            if row.seal != row.sealed():
                verdict.faults.append(Fault(name, "it was changed after it was sealed"))
            if told[row.seal] < 1:
                verdict.faults.append(Fault(name, "no act in the audit trail sealed it"))
            told[row.seal] -= 1
            if isinstance(row, Exhibit):
                check_file(verdict, name, row.sha256)
    for file in Attachment.objects.order_by("pk").iterator(chunk_size=500):
        check_file(verdict, f"attachment {file.uuid}", file.sha256)
    gone = [each for each, number in told.items() if number > 0]
    verdict.faults += [Fault(f"seal {each}", "the row it sealed is gone, or is not what was sealed") for each in gone]
    return verdict


def check_file(verdict: Verdict, name: str, digest: str) -> None:
    verdict.files += 1
    try:
        read(digest)
    except Altered:
        verdict.faults.append(Fault(name, f"its file is missing or was changed: {digest}"))


SEALING = (
    "response.post_preserved",
    "response.exhibits_added",
    "response.capture_kept",
    "response.sheet_signed",
    *NUMBERED.values(),
)


def seals_of_the_trail() -> Iterator[str]:
    for detail in Entry.objects.filter(event__in=SEALING).values_list("detail", flat=True).iterator():
        yield from detail.get("seals", [])
