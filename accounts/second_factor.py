"""Staff's second factor, over allauth's: how secrets are kept, and the forms that take codes."""

from typing import Any

import structlog
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret, validate_totp_code
from cryptography.fernet import InvalidToken
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from accounts.cipher import token_cipher
from accounts.models import User

log = structlog.get_logger(__name__)

# The secret of an app that is being set up, encrypted: sessions are rows that anybody with the
# database can read.
_SETUP_SESSION_KEY = "second_factor_setup"


class MFAAdapter(DefaultMFAAdapter):
    """allauth's hooks: secrets are ciphertext at rest; a QR code that the strict policy allows."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _(
            "This is not the code of this moment, or it was used before. Wait for the next one in "
            "your authenticator app and type that. A recovery code works once."
        ),
    }

    def encrypt(self, text: str) -> str:
        """Encrypt a secret with the first key."""
        return token_cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt a secret. Raises InvalidToken when no key opens it: never an empty secret,
        whose codes anybody could compute.
        """
        return token_cipher().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> SafeString:
        """The QR code as an element to stand in a page: no data address, no style attribute."""
        svg = super().build_totp_svg(url)
        # Made by the library from our own address; nothing a person typed comes in as markup.
        return mark_safe(svg[svg.index("<svg") :])  # noqa: S308


def code_use(user: User, code: str) -> None:
    """Note that a code was used; raises ValidationError when it was before.

    A code is good for the step before and after its own; allauth remembers it for one step only.
    """
    digits = "".join(sign for sign in code if sign.isalnum())
    seconds = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    if not cache.add(f"second-factor-used:{user.pk}:{digits}", True, seconds):
        raise MFAAdapter().validation_error("incorrect_code")


class _CodeForm(BaseAuthenticateForm):
    """Takes a code of the app or a recovery code, once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = _("Code")
        field.help_text = _(
            "Six digits from your authenticator app, or one of your recovery codes."
        )
        field.widget = forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "class": "code-input short",
            }
        )

    def clean_code(self) -> str:
        """Check it; a secret that no key opens is said, not guessed."""
        try:
            code: str = super().clean_code()
        except InvalidToken as error:
            log.error("second_factor_unreadable", user=self.user.pk)
            raise ValidationError(
                _(
                    "We cannot read your authenticator at the moment. It is on us: an operator of "
                    "the portal can mend it or reset your second factor."
                )
            ) from error
        code_use(self.user, code)
        return code


class StaffCodeForm(_CodeForm, AuthenticateForm):
    """The second half of signing in."""


class StaffCodeAgainForm(_CodeForm, ReauthenticateForm):
    """Proving it again before something that needs a fresh proof."""


class AppSetUpForm(forms.Form):
    """Shows a new secret; takes the first code that the app makes of it."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("The six digits that the app shows now."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "class": "code-input short",
            }
        ),
    )

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        adapter = MFAAdapter()
        sealed = request.session.get(_SETUP_SESSION_KEY)
        if not sealed:
            sealed = request.session[_SETUP_SESSION_KEY] = adapter.encrypt(generate_totp_secret())
        self.secret = adapter.decrypt(sealed)

    def clean_code(self) -> str:
        """Check that the app has taken the secret."""
        limit_clear = check_rate_limit(self.user, error_key="rate_limited")
        code = str(self.cleaned_data["code"])
        if not validate_totp_code(self.secret, code):
            raise MFAAdapter().validation_error("incorrect_code")
        code_use(self.user, code)
        limit_clear()
        return code


def setup_forget(request: HttpRequest) -> None:
    """Drop the secret that was on offer: it is taken, or the next page offers another."""
    request.session.pop(_SETUP_SESSION_KEY, None)


def factors_of(user: User) -> dict[str, Authenticator]:
    """The person's authenticators by type (`totp`, `recovery_codes`)."""
    return {each.type: each for each in Authenticator.objects.filter(user=user)}
