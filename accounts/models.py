"""People, departments and who may speak or decide for whom."""

import uuid
from datetime import date, datetime, timedelta

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.roles import OFFICERS, VOICES, Role

# A one-time password nobody has used by then is worth nothing.
ONE_TIME_PASSWORD_LASTS = timedelta(days=7)
PHONE = RegexValidator(r"^\+?[0-9]{5,19}\Z", _("Digits only, with the country code where it is not a domestic number."))


class Exercise(models.Model):
    """A drill or a replay. Rows that carry one stay out of the live desk; it has its own clock (accounts.clock)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=[("drill", _("drill")), ("replay", _("replay"))])
    started_at = models.DateTimeField()  # real time at which its clock began to run
    clock_from = models.DateTimeField()  # what its clock said then
    speed = models.FloatField(default=1)  # 0: the clock stands at clock_from until it is set anew
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80, unique=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Speciality(models.TextChoices):
    """What somebody in the working group is there for; 法务 signs statements off."""

    NONE = "", _("none")
    PR = "pr", _("public relations")
    LEGAL = "legal", _("legal")
    MARKET = "market", _("marketing")
    TECH = "tech", _("technology")


class UserQuerySet(models.QuerySet["User"]):
    def holding(self, *roles: str) -> "UserQuerySet":
        """Active people with at least one of these roles."""
        return self.filter(is_active=True, groups__name__in=roles).distinct()

    def visible_to(self, viewer: "User") -> "UserQuerySet":
        """Whoever has a role sees who else is at the desk; the officers also who left; everybody else themselves."""
        if viewer.holds(*OFFICERS):
            return self.all()
        if viewer.holds(*Role.values):
            return self.filter(Q(is_active=True) | Q(pk=viewer.pk))
        return self.filter(pk=viewer.pk)


class People(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """`User.objects`: Django's own manager with our reads."""

    use_in_migrations = False


class User(AbstractUser):
    """A person at the desk. Roles are groups (accounts.roles); `is_superuser` opens nothing here."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=60)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )
    speciality = models.CharField(
        _("speciality"), max_length=8, choices=Speciality, blank=True, default=Speciality.NONE
    )
    title = models.CharField(_("job title"), max_length=60, blank=True)
    phone = models.CharField(_("mobile phone"), max_length=20, blank=True, validators=[PHONE])
    version = models.PositiveIntegerField(default=1)
    # set while the password is one that somebody else was shown: it must be changed at the first sign-in
    password_given_at = models.DateTimeField(null=True, blank=True, editable=False)
    # part of what a session is checked against: raising it ends every session of this person
    session_series = models.PositiveIntegerField(default=1, editable=False)

    objects = People()  # type: ignore[misc]

    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    @cached_property
    def roles(self) -> frozenset[str]:
        """Codes of the roles this person holds, read once per request."""
        return frozenset(group.name for group in self.groups.all())

    def holds(self, *roles: str) -> bool:
        """Whether the person is active and has at least one of these roles."""
        return self.is_active and not self.roles.isdisjoint(roles)

    @property
    def role_labels(self) -> list[str]:
        """The words of the roles, in the order of the desk."""
        return [str(role.label) for role in Role if role in self.roles]

    @property
    def must_change_password(self) -> bool:
        return self.password_given_at is not None

    def one_time_password_is_over(self, now: datetime) -> bool:
        return self.password_given_at is not None and now - self.password_given_at > ONE_TIME_PASSWORD_LASTS

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's own hook: a session lives only as long as this stays the same."""
        value = f"{self.password}:{self.session_series}"
        return salted_hmac("accounts.models.User.session", value, secret=secret, algorithm="sha256").hexdigest()


class RoleChange(models.Model):
    """A role granted or taken. Those of 领导小组 and 发言人 wait for a second person; others are applied at once."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for a second person")
        APPLIED = "applied", _("applied")
        REFUSED = "refused", pgettext_lazy("role change", "refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_changes")
    role = models.CharField(max_length=24, choices=Role)
    grants = models.BooleanField()  # False takes the role away
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role"], condition=models.Q(state="waiting"), name="one_waiting_change_per_role"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {'+' if self.grants else '-'}{self.role}"


class LetterOfAuthority(models.Model):
    """授权书: who speaks for the company, about what, from when to when."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="letters")
    is_alternate = models.BooleanField(default=False)
    scope = models.CharField(max_length=500)
    starts_on = models.DateField()
    ends_on = models.DateField()
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["-issued_at"]

    def __str__(self) -> str:
        return f"{self.person} {self.starts_on}–{self.ends_on}"

    def state_on(self, day: date) -> str:
        """revoked, over, to come, or in force on that day."""
        if self.revoked_at:
            return "revoked"
        if day > self.ends_on:
            return "over"
        return "to_come" if day < self.starts_on else "in_force"


class BreakGlass(models.Model):
    """Somebody speaks because neither spokesperson can be reached: recorded, short, told to the leaders."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)  # whom they tried to reach, how, and why it cannot wait
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["-starts_at"]

    def __str__(self) -> str:
        return f"{self.person} {self.starts_at:%F %H:%M}"


class Delegation(models.Model):
    """授权代理: a decider who is away lets another decide in their name until an end date; both names are kept."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    principal = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_given")
    delegate = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_held")
    reason = models.CharField(max_length=500)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-starts_at"]

    def __str__(self) -> str:
        return f"{self.delegate} for {self.principal}"


class Platform(models.TextChoices):
    """A chat platform on which the company's people have accounts."""

    WECOM = "wecom", _("WeCom")
    DINGTALK = "dingtalk", _("DingTalk")
    FEISHU = "feishu", _("Feishu")


class PlatformIdentity(models.Model):
    """Who a person is on a chat platform: where personal messages reach them, and with which account they sign in.

    That of an officer, a leader or a spokesperson counts only once a second person, or they themselves, confirmed it:
    whoever holds the chat account has that person's voice (`counts`).
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="identities")
    platform = models.CharField(max_length=12, choices=Platform)
    subject = models.CharField(max_length=128)  # WeCom and DingTalk: userid; Feishu: open_id
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["platform"]
        constraints = [
            models.UniqueConstraint(fields=["platform", "subject"], name="one_person_per_identity"),
            models.UniqueConstraint(fields=["person", "platform"], name="one_identity_per_platform"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.platform}"

    @property
    def counts(self) -> bool:
        """Whether it may be used, by the roles its person holds now."""
        return self.confirmed_at is not None or self.person.roles.isdisjoint(VOICES)
