"""Forms of signing in."""

from typing import Any

from allauth.account.forms import LoginForm, ReauthenticateForm, RequestLoginCodeForm
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class CodeRequestForm(RequestLoginCodeForm):
    """Asks for a work e-mail. Staff and strangers get the same page, and no code."""

    _user: User | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["email"]
        field.label = _("Work e-mail")
        field.help_text = _("We mail you a code. There is no password.")
        field.widget = forms.EmailInput(attrs={"autocomplete": "email"})

    def clean_email(self) -> str:
        """Find the person; staff are not signed in by a code, so they are nobody here."""
        email: str = super().clean_email()
        if self._user is not None and self._user.is_staff:
            self._user = None
        return email


class StaffLoginForm(LoginForm):
    """Staff sign in with e-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = _("Work e-mail")
        login.widget = forms.EmailInput(attrs={"autocomplete": "username"})
        password = self.fields["password"]
        password.label = _("Password")
        password.help_text = ""
        password.widget.attrs.pop("placeholder", None)


class PasswordAgainForm(ReauthenticateForm):
    """Takes the password of a signed-in member of staff once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs.pop("placeholder", None)


class EmailForm(forms.Form):
    """A work e-mail to be proven by a code."""

    email = forms.EmailField(
        label=_("Work e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_email(self) -> str:
        """Addresses are kept in lower case."""
        return str(self.cleaned_data["email"]).strip().lower()
