"""Proving a work e-mail by a code, over allauth's sign-in by code.

One way for all: signing in, opening a sign-up link, and proving it again before connecting or
signing. allauth makes the code, mails it, counts the tries and ends it after
ACCOUNT_LOGIN_BY_CODE_TIMEOUT; typing it signs the person in.
"""

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.core import ratelimit
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise

from accounts.access import CUSTOMER_SESSION_KEY, membership_choose
from accounts.models import SignupLink, User
from accounts.services import SignupLinkError, person_ensure, signup_link_prove

_LINK_SESSION_KEY = "signup_link_to_prove"


class CodeError(Exception):
    """Why no code was mailed; `sentence` is for the reader."""

    def __init__(self, sentence: str | Promise) -> None:
        self.sentence = str(sentence)
        super().__init__(self.sentence)


def code_receiver(email: str) -> User | None:
    """The person to whom a code may be mailed: never staff, never a switched-off account."""
    return User.objects.filter(email=email.strip().lower(), is_active=True, is_staff=False).first()


def code_send(
    request: HttpRequest, *, email: str, next_url: str, link: SignupLink | None = None
) -> HttpResponseRedirect:
    """Mail a code to this address and go to the page that asks for it, then to `next_url`.

    Whoever is signed in is signed out first: the code decides who goes on. With `link`, typing
    the code also proves the link; a person who is new is made first. An address without a
    person gets the same page. Raises
    CodeError when too many codes were asked for (allauth's limits) or no mail can be sent.
    """
    email = email.strip().lower()
    if not ratelimit.consume(request, action="request_login_code", key=email):
        raise CodeError(str(get_adapter().error_messages["too_many_login_attempts"]))
    if link is not None:
        # After the limit: a link must not make accounts without end.
        name = link.person_name if email == link.email.lower() else ""
        person_ensure(email=email, full_name=name)
    if request.user.is_authenticated:
        chosen = request.session.get(CUSTOMER_SESSION_KEY)
        logout(request)
        if chosen:
            request.session[CUSTOMER_SESSION_KEY] = chosen
    request.session.pop(_LINK_SESSION_KEY, None)
    if link is not None:
        request.session[_LINK_SESSION_KEY] = link.pk
    LoginCodeVerificationProcess.initiate(request=request, user=code_receiver(email), email=email)
    query = urlencode({"next": next_url})
    return HttpResponseRedirect(f"{reverse('account_confirm_login_code')}?{query}")


def link_prove_pending(request: HttpRequest, user: User) -> None:
    """Prove the sign-up link for which the person who just signed in had asked for a code.

    A link that ended meanwhile, or is not for this person, is left alone: its page says why.
    """
    pk = request.session.pop(_LINK_SESSION_KEY, None)
    link = SignupLink.objects.select_related("customer").filter(pk=pk).first() if pk else None
    if link is None:
        return
    try:
        membership = signup_link_prove(link=link, user=user)
    except SignupLinkError:
        return
    membership_choose(request, membership)
