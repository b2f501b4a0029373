"""No address of allauth's own leads to this provider.

allauth asks each provider for its addresses. Ours has none: the flow starts and ends in
`integrations.views`, so that no sign-in, account or token of allauth comes out of it.
"""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
