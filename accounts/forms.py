"""Forms of signing in and of the people pages."""

from datetime import datetime, time, timedelta
from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.account.forms import ReauthenticateForm as ReauthenticatePasswordForm
from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import lockout
from accounts.models import Department, Platform, User
from accounts.roles import SPEAKERS, Role
from accounts.selectors import people_with
from accounts.services.authority import BREAK_GLASS_LASTS_AT_MOST, POSSIBLE_DELEGATES
from audit.dates import DayField


# --- signing in ------------------------------------------------------------------------------------------------------
class Plain:
    """allauth's forms as ours look: our labels, no placeholders, no link to a page this desk does not have."""

    labels: dict[str, str | Promise] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.label = self.labels.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            if name in ("password", "oldpassword"):
                field.help_text = ""


class SignInForm(Plain, LoginForm):
    """The `login` field is called `username` in the page, the name password managers know."""

    labels = {"login": _("User name"), "password": _("Password")}

    def add_prefix(self, field_name: str) -> str:
        return super().add_prefix("username" if field_name == "login" else field_name)


class PasswordAgainForm(Plain, ReauthenticatePasswordForm):
    """The password as a fresh credential."""

    labels = {"password": _("Password")}


class OwnPasswordForm(Plain, ChangePasswordForm):
    """The present password is a proof like any other, so its tries are counted."""

    labels = {
        "oldpassword": _("Present password"),
        "password1": _("New password"),
        "password2": _("New password once more"),
    }

    def clean_oldpassword(self) -> str:
        take_or_lock(self.user)
        try:
            password = super().clean_oldpassword()
        except ValidationError:
            lockout.wrong(context.request, self.user.username, "password")
            raise
        lockout.give_back(context.request, self.user.username)
        return password


def take_or_lock(person: User) -> None:
    """Use up one try; without one the answer becomes the lock-out page."""
    request = context.request
    if not lockout.take(request, person.username):
        request.axes_locked_out, request.axes_credentials = True, {"username": person.username}
        raise ValidationError(_("Too many tries. Please wait."))


class SetUpAppForm(Plain, ActivateTOTPForm):
    """The first code of a new app; its secret is in front of the person, so there is nothing to guess."""

    labels = {"code": _("One-time code")}


class CountedCode(Plain):
    """One-time codes: tries are counted like those of passwords, and a code of the app is good for one use."""

    labels = {"code": _("One-time code")}
    user: User
    authenticator: Authenticator

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(inputmode="numeric", autofocus=True)  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        take_or_lock(self.user)
        try:
            code = super().clean_code()  # type: ignore[misc]
            if self.authenticator.type == Authenticator.Type.TOTP and not use_up(self.authenticator, code):
                raise get_adapter().validation_error("incorrect_code")
        except ValidationError:
            lockout.wrong(context.request, self.user.username, "code")
            raise
        lockout.give_back(context.request, self.user.username)
        return code


def use_up(authenticator: Authenticator, code: str) -> bool:
    """Mark the time step of a right code as used. False when it, or a later one, has been: somebody replays it.

    In the row, not in the cache: every web process must see it.
    """
    secret = decrypt(authenticator.data["secret"])
    steps = [
        step
        for step in totp.yield_hotp_counters_from_time()
        if compare_user_code(actual=code, expected=totp.format_hotp_value(totp.hotp_value(secret, step)))
    ]
    if not steps:  # its time ran out between the check and here
        return False
    step = steps[-1]
    unused = Q(data__last_step__isnull=True) | Q(data__last_step__lt=step)
    data = {**authenticator.data, "last_step": step}
    return Authenticator.objects.filter(unused, pk=authenticator.pk).update(data=data) == 1


class CodeForm(CountedCode, AuthenticateForm):
    """The second factor at sign-in."""


class CodeAgainForm(CountedCode, ReauthenticateForm):
    """The second factor as a fresh credential."""


# --- people ----------------------------------------------------------------------------------------------------------
def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is made from: None until something was sent; an empty POST was sent, too."""
    return request.POST if request.method == "POST" else None


class ReasonField(forms.CharField):
    """A reason somebody can check later: a sentence, not a word."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Reason"))
        super().__init__(**{"max_length": 500, "min_length": 4, "widget": forms.Textarea(attrs={"rows": 3}), **kwargs})


class PersonForm(forms.ModelForm):
    """What the directory says of a person, with the version the form was made from."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = User
        fields = ("name", "department", "title", "speciality", "email", "phone")
        labels = {"email": _("e-mail")}
        help_texts = {
            "speciality": _("What somebody in the working group is there for."),
            "email": _("Notices are sent here."),
            "phone": _("Text messages are sent here, where the desk has a way to send them."),
        }


class NewPersonForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("username", "name", "department", "title", "speciality", "email", "phone")
        labels = {"username": _("User name"), "email": _("e-mail")}
        help_texts = {"username": _("What they type to sign in. It cannot be changed later.")}


class IdentityForm(forms.Form):
    """An account on a platform on which the person has none yet."""

    platform = forms.ChoiceField(label=_("Platform"))
    subject = forms.RegexField(
        r"^[\w.@-]+\Z",
        label=_("User id there"),
        max_length=128,
        help_text=_(
            "WeCom and DingTalk: the user id in the company's directory there. Feishu: the open_id in our app."
        ),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = set(person.identities.values_list("platform", flat=True))
        free = [pair for pair in Platform.choices if pair[0] not in taken]
        self.fields["platform"].choices = free  # type: ignore[attr-defined]


class NewDepartmentForm(forms.ModelForm):
    class Meta:
        model = Department
        fields = ("name", "code")
        labels = {"name": _("Name"), "code": pgettext_lazy("department", "Code")}
        help_texts = {"code": _("Latin letters, digits and hyphens; it cannot be changed later.")}


class RenameDepartmentForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    version = forms.IntegerField(widget=forms.HiddenInput)


class RoleChangeForm(forms.Form):
    """Grant one of the roles a person does not hold, or take one they do."""

    role = forms.ChoiceField(label=_("role"))
    reason = ReasonField()

    def __init__(self, *args: Any, person: User, grants: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [role for role in Role if (role in person.roles) is not grants]
        self.fields["role"].choices = [(role.value, role.label) for role in choices]  # type: ignore[attr-defined]


class DecisionForm(forms.Form):
    approves = forms.TypedChoiceField(choices=[("yes", "yes"), ("no", "no")], coerce=lambda word: word == "yes")
    note = forms.CharField(max_length=500, required=False)


class LetterForm(forms.Form):
    person = forms.ModelChoiceField(User.objects.none(), label=_("For whom"))
    scope = forms.CharField(
        label=pgettext_lazy("letter of authority", "Scope"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("About what, and on which channels, this person speaks for the company."),
    )
    starts_on = DayField(label=pgettext_lazy("first day", "From"))
    ends_on = DayField(label=_("Until, including that day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people_with(*SPEAKERS)  # type: ignore[attr-defined]


class BreakGlassForm(forms.Form):
    hours = forms.TypedChoiceField(
        label=_("For how many hours"),
        coerce=int,
        choices=[(hours, str(hours)) for hours in range(1, BREAK_GLASS_LASTS_AT_MOST // timedelta(hours=1) + 1)],
    )
    reason = ReasonField(
        label=_("Whom you tried to reach, how, and why it cannot wait"),
        min_length=10,
        help_text=_("The leadership group reads this at once."),
    )


class DelegationForm(forms.Form):
    """Days in the company's calendar; a delegation that begins today begins now."""

    delegate = forms.ModelChoiceField(User.objects.none(), label=_("Who decides for you"))
    starts_on = DayField(label=pgettext_lazy("first day", "From"))
    ends_on = DayField(label=_("Until, including that day"))
    reason = ReasonField(help_text=_("Stands beside every decision made in your name."))

    def __init__(self, *args: Any, principal: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = people_with(*POSSIBLE_DELEGATES).exclude(pk=principal.pk)
        self.fields["delegate"].queryset = others  # type: ignore[attr-defined]

    def times(self, now: datetime) -> tuple[datetime, datetime]:
        """The first moment and the one after the last."""
        zone = timezone.get_default_timezone()
        starts_at = datetime.combine(self.cleaned_data["starts_on"], time(), zone)
        ends_at = datetime.combine(self.cleaned_data["ends_on"] + timedelta(days=1), time(), zone)
        return max(starts_at, now), ends_at
