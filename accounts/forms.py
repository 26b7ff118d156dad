"""Forms of the people pages."""

from allauth.account.forms import LoginForm


class SignInForm(LoginForm):
    """allauth's form, with its `login` field called `username` in the page, the name password managers know."""

    def add_prefix(self, field_name: str) -> str:
        return super().add_prefix("username" if field_name == "login" else field_name)
