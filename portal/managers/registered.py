"""Everything that registers itself with the managers' site; imported once the models are there."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group

from portal.managers import (
    customers,
    help_texts,
    imports,
    jobs,
    links,
    mails,
    records,
    settings_templates,
    test_runs,
)

__all__ = [
    "customers",
    "help_texts",
    "imports",
    "jobs",
    "links",
    "mails",
    "records",
    "settings_templates",
    "test_runs",
]

# Groups are what accounts/groups.py says, after every migrate; allauth keeps nothing of ours in
# its tables (libraries.md, section 2). Pages to edit them would only mislead.
admin.site.unregister(
    [Authenticator, EmailAddress, Group, SocialAccount, SocialApp, SocialToken, UserSession]
)
