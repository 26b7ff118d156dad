"""What we ask of allauth: nobody signs up, tries are counted, sign-ins are on the record, secrets are encrypted."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts import clock, fresh, lockout
from accounts.models import User
from accounts.secrets import decrypt, encrypt
from audit.services import record

ONE_TIME_PASSWORD_IS_OVER = _("This one-time password has run out. Ask the security administrator for a new one.")


class DeskAccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("User name and password do not match."),
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your present password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check a name and password. A right one does not count as a try; a one-time password has an end."""
        person = super().authenticate(request, **credentials)
        if person is None:
            return None
        lockout.give_back(request, person.username)
        if person.one_time_password_is_over(clock.now()):
            raise ValidationError(ONE_TIME_PASSWORD_IS_OVER)
        return person

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        return not fresh.is_fresh(context.request)

    @transaction.atomic
    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        through = kwargs["signal_kwargs"] or {}  # {"platform": ...} where a chat platform said who it is
        _on_record("accounts.signed_in", user, address=lockout.client_address(request), **through)
        return response

    @transaction.atomic
    def logout(self, request: HttpRequest) -> None:
        person = request.user
        super().logout(request)
        if isinstance(person, User):
            _on_record("accounts.signed_out", person)

    @transaction.atomic
    def set_password(self, user: User, password: str) -> None:
        """A password of one's own: the one-time one is over, and so are the sessions elsewhere."""
        user.password_given_at = None
        super().set_password(user, password)
        _on_record("accounts.password_changed", user)


class DeskMFAAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code does not fit, or has been used already."),
    }

    def encrypt(self, text: str) -> str:
        return encrypt(text).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text.encode())

    def get_totp_label(self, user: User) -> str:
        return user.username

    def _get_site_name(self) -> str:
        return settings.COMPANY_NAME or settings.MFA_TOTP_ISSUER


def second_factor_changed(event: str) -> Any:
    """A receiver for allauth's signal that a second factor was added, removed or made anew."""

    @transaction.atomic
    def receiver(sender: Any, request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
        _on_record(event, user, kind=str(authenticator.type))

    return receiver


def _on_record(event: str, person: User, **detail: str) -> None:
    record(event, actor=person, subject=f"person:{person.username}", detail=detail)
