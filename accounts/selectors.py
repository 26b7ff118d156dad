"""Reads of people and authority, for this app's pages and for everybody upstairs."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import BreakGlass, Delegation, LetterOfAuthority, PlatformIdentity, RoleChange, User
from accounts.roles import LEADERS, SIGNING_LEADERS, SPEAKERS, Role


def people_with(*roles: str) -> QuerySet[User]:
    """Active people with at least one of these roles."""
    return User.objects.holding(*roles)


def leadership_group() -> QuerySet[User]:
    """The active members of 应急领导小组, head and deputies included."""
    return people_with(*LEADERS)


# --- who speaks ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Authority:
    """Whether somebody may speak for the company now, why (or why not) in a sentence, and on the strength of what.

    Is true or false itself: `if may_speak(person, now): ...`
    """

    allowed: bool
    why: str
    letter: LetterOfAuthority | None = None
    break_glass: BreakGlass | None = None

    def __bool__(self) -> bool:
        return self.allowed


def letters_in_force(now: datetime) -> QuerySet[LetterOfAuthority]:
    """Letters of authority that hold today, by the company's calendar."""
    today = timezone.localdate(now)
    return LetterOfAuthority.objects.filter(revoked_at__isnull=True, starts_on__lte=today, ends_on__gte=today)


def break_glass_in_force(now: datetime) -> QuerySet[BreakGlass]:
    return BreakGlass.objects.filter(starts_at__lte=now, ends_at__gt=now)


def may_speak(person: User, now: datetime) -> Authority:
    """Whether this person may publish in the company's name: by role and letter, or by a break-glass still running.

    The letter must fit the role: a 备选发言人 needs a letter as alternate, a 发言人 one as spokesperson.
    """
    letters = letters_in_force(now).filter(person=person)
    return _authority(person, list(letters), break_glass_in_force(now).filter(person=person).first())


def speakers(now: datetime) -> list[tuple[User, Authority]]:
    """发言人 and 备选发言人 with what each may do now, in as many queries however many there are."""
    people = people_with(*SPEAKERS).prefetch_related(
        "groups", Prefetch("letters", letters_in_force(now), to_attr="letters_now")
    )
    glasses = {glass.person_id: glass for glass in break_glass_in_force(now)}
    return [(person, _authority(person, person.letters_now, glasses.get(person.pk))) for person in people]


def _authority(person: User, letters: list[LetterOfAuthority], glass: BreakGlass | None) -> Authority:
    if not person.is_active:
        return Authority(False, _("This account is switched off."))
    kinds = [role == Role.ALTERNATE for role in SPEAKERS if person.holds(role)]
    letter = min(
        (letter for letter in letters if letter.is_alternate in kinds), key=lambda one: one.is_alternate, default=None
    )
    if letter:
        return Authority(True, _("By letter of authority: %(scope)s") % {"scope": letter.scope}, letter=letter)
    if glass:
        until = timezone.localtime(glass.ends_at)
        return Authority(True, _("By break-glass until %(until)s") % {"until": f"{until:%H:%M}"}, break_glass=glass)
    if kinds:
        return Authority(False, _("There is no letter of authority in force for this role."))
    return Authority(False, _("Only the spokesperson publishes."))


# --- who stands in for whom ------------------------------------------------------------------------------------------
def delegations_in_force(now: datetime) -> QuerySet[Delegation]:
    return Delegation.objects.filter(revoked_at__isnull=True, starts_at__lte=now, ends_at__gt=now)


def principals_of(person: User, role: str, now: datetime) -> list[User]:
    """Whom this person may act for in that role: active holders of it who named them and are still away."""
    if not person.is_active:
        return []
    given = delegations_in_force(now).filter(delegate=person, principal__in=people_with(role))
    return [delegation.principal for delegation in given.select_related("principal").order_by("principal__name")]


def stands_in(person: User, now: datetime) -> bool:
    """Whether somebody who is away named this person, in whatever role."""
    return delegations_in_force(now).filter(delegate=person).exists()


def with_stand_ins(*roles: str, now: datetime) -> QuerySet[User]:
    """Active people with one of these roles, and whoever stands in for somebody: who may have to put a name to it."""
    delegates = delegations_in_force(now).values("delegate")
    return people_with(*roles) | User.objects.filter(pk__in=delegates, is_active=True).distinct()


# --- the people pages ------------------------------------------------------------------------------------------------
def people_for_list(viewer: User, now: datetime) -> QuerySet[User]:
    """The people `viewer` may see, with what the list shows, in as many queries however many there are."""
    return (
        User.objects.visible_to(viewer)
        .select_related("department")
        .prefetch_related(
            "groups",
            Prefetch("letters", letters_in_force(now), to_attr="letters_now"),
            Prefetch(
                "delegations_given",
                delegations_in_force(now).select_related("delegate"),
                to_attr="delegations_now",
            ),
            Prefetch(
                "role_changes", RoleChange.objects.filter(state=RoleChange.State.WAITING), to_attr="changes_waiting"
            ),
        )
        .order_by("department__name", "name", "pk")
    )


def role_changes_waiting() -> QuerySet[RoleChange]:
    return RoleChange.objects.filter(state=RoleChange.State.WAITING).select_related("person", "requested_by")


def role_changes_to_decide(person: User) -> QuerySet[RoleChange]:
    """The changes that wait for this person's word as the second one; the same answer as MAY["decide_role_change"]."""
    if not person.holds(*SIGNING_LEADERS, Role.SECURITY_ADMIN):
        return RoleChange.objects.none()
    return role_changes_waiting().exclude(requested_by=person).exclude(person=person)


# --- on the chat platforms -------------------------------------------------------------------------------------------
def identity_of(person: User, platform: str) -> str | None:
    """The person's user id on this platform, if they have one that counts."""
    identity = PlatformIdentity.objects.filter(person=person, platform=platform).select_related("person").first()
    return identity.subject if identity and identity.counts else None


def identity_known_as(subject: str, platform: str) -> PlatformIdentity | None:
    """Whose account this platform's `subject` is, whether it counts or not and whether they are active or not."""
    known = PlatformIdentity.objects.filter(platform=platform, subject=subject)
    return known.select_related("person").first()
