"""A walk through the product with real tokens, and the search for them in all it leaves behind."""

from urllib.parse import parse_qs, urlsplit

from django.contrib import admin
from django.urls import reverse

from tests.leaks import PART, Leaks

PAGES = ("setup", "step_list", "settings", "worksheet", "org_list", "activity", "test_run_list")
PAGES += ("go_live",)


class Walk:
    """One customer's way through the product, with what was seen on it and what may not be."""

    def __init__(self, watch, rehearsal, tokens_seen, settings, signed_in):
        self.watch = watch
        self.rehearsal = rehearsal
        self.tokens_seen = tokens_seen
        self.signed_in = signed_in
        self.leaks = Leaks()
        for environment in ("SANDBOX", "PRODUCTION"):
            secret = getattr(settings, f"SALESFORCE_{environment}_CLIENT_SECRET")
            # Its beginning is the client id's, too.
            self.leaks.add("client secret", secret[-PART:])

    def collect(self):
        """Every secret that Salesforce has issued by now: from its books, and as it came in."""
        for kind in ("access", "refresh", "code"):
            for secret in self.rehearsal.issued(kind):
                self.leaks.add(f"{kind} {len(self.leaks.names)}", secret)
        for token in self.tokens_seen:
            for name in ("access_token", "refresh_token", "id_token", "signature"):
                if secret := getattr(token, name):
                    self.leaks.add(name, secret)

    def check(self, moment):
        """Nothing of it is kept at this moment."""
        self.collect()
        found = self.leaks.found(self.watch.at_rest())
        assert not found, f"{moment}: {found}"

    def check_everything(self):
        """Nor is it in what passed by until now."""
        self.collect()
        found = self.leaks.found(self.watch.everything())
        assert not found, f"in the end: {found}"

    def back(self, address):
        """An address that Salesforce sends the browser to; its code is a secret."""
        for code in parse_qs(urlsplit(address).query).get("code", []):
            self.leaks.add("code", code)
        return address

    def pages(self, client, names=PAGES):
        for name in names:
            # Some pages are there on one path or in one stage only.
            assert client.get(reverse(name)).status_code in {200, 404}, name

    def desk(self, person, apps):
        """Every list of the desk, its newest rows, and the history of the orgs' ones."""
        client = self.signed_in(person)
        seen = 0
        for model in admin.site._registry:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            if model._meta.app_label not in apps:
                continue
            assert client.get(reverse(f"{name}_changelist")).status_code in {200, 302}, name
            views = (
                ("change", "history") if model._meta.app_label == "integrations" else ("change",)
            )
            for row in model._default_manager.order_by("-pk")[:2]:
                for view in views:
                    answer = client.get(reverse(f"{name}_{view}", args=[row.pk]))
                    seen += answer.status_code == 200
        return seen
