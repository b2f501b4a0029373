"""Package and version: installed, new enough, and seen by the integration user."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.answers import DOWNLOAD_PACKAGES
from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.written import OBJECT_SETTINGS, SYSTEM_PERMISSIONS, Described, Refusals
from integrations.salesforce import setup_links as setup
from integrations.salesforce.manifest import PackageManifest, manifest_detect
from integrations.services.facts import PackageFacts

if TYPE_CHECKING:
    from integrations.checks.survey import Survey


class PackageCheck(Check):
    """Whether job changes find the object and the fields they are written to."""

    name = "package"
    step = "package"
    needs = ("package", "manifest", "described")
    by_hand = False

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Is the UserGems package installed, in a version that takes job changes?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "The package brings the object and the fields that job changes are written to, and "
            "the key that keeps each from arriving twice. Nothing is sent without it."
        )

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Look at the list of packages, and at what the integration user sees of ours."""
        refusals = Refusals()
        described = survey.described
        facts = refusals.answer(lambda: survey.package, PackageFacts(None), "")
        manifest = refusals.answer(lambda: survey.manifest, None, "")
        manifest = manifest or manifest_detect(described)
        items = list(_points(facts, manifest, described, context))
        return Finding.of(
            items,
            found=_found(facts, manifest),
            missing_right=""
            if all(item.outcome != Outcome.CANNOT for item in items)
            else DOWNLOAD_PACKAGES,
        )


def _points(
    facts: PackageFacts,
    manifest: PackageManifest | None,
    described: Described,
    context: CheckContext,
) -> Iterator[Item]:
    if manifest is None:
        yield _unseen(facts, context)
        return
    if not manifest.can_deliver:
        yield _fail(
            "generation",
            _(
                "The package in this org is of an older generation (%(prefix)s…), which has no "
                "place for job changes."
            )
            % {"prefix": manifest.prefix},
            _install(context),
        )
        return
    if manifest.object_name not in described:
        yield _hidden()
    if not facts.version:
        yield _version_unknown()
    elif not manifest.version_suffices(facts.version):
        yield _fail(
            f"version.{manifest.minimum_version}",
            _("Version %(found)s is installed; job changes need %(needed)s or newer.")
            % {"found": facts.version, "needed": manifest.minimum_version},
            _("%(install)s It upgrades what is there and keeps its data.")
            % {"install": _install(context)},
        )
    elif "beta" in facts.version.lower():
        yield Item(
            "beta",
            Outcome.WARNING,
            _("Version %(found)s is a beta: it cannot be upgraded later.")
            % {"found": facts.version},
            _(
                "Installed Packages, UserGems, Uninstall: that deletes what the package has stored "
                "in this org, so do it before the first test. %(install)s"
            )
            % {"install": _install(context)},
            Who.ADMINISTRATOR,
            setup.PACKAGES,
        )


def _unseen(facts: PackageFacts, context: CheckContext) -> Item:
    """Nothing of the package is seen: without its object all that we send is refused."""
    if facts.installed:
        return _hidden()
    if facts.installed is False:
        return _fail("missing", _("The package is not installed."), _install(context))
    return _fail(
        "unseen",
        _(
            "The integration user sees nothing of the package: it is not installed, or it was not "
            "installed for all users."
        ),
        _install(context),
    )


def _hidden() -> Item:
    return _fail(
        "hidden",
        _(
            "The package is installed, but the integration user does not see its object: it was "
            "probably not installed for all users."
        ),
        _(
            "%(place)s, UserGems, Edit: tick Read, Create and Edit, and Edit Access on all fields. "
            "Or open the install link again and choose “Install for All Users”."
        )
        % {"place": OBJECT_SETTINGS},
        setup.PERMISSION_SETS,
    )


def _version_unknown() -> Item:
    return Item(
        "version.unknown",
        Outcome.CANNOT,
        _(
            "The package is there and its object can be seen. Which version it is, the integration "
            "user may not read without “%(right)s”."
        )
        % {"right": DOWNLOAD_PACKAGES},
        _(
            "%(place)s: tick “%(right)s”, then Save and check again. Or look at the version "
            "yourself, under Installed Packages in Setup."
        )
        % {"place": SYSTEM_PERMISSIONS, "right": DOWNLOAD_PACKAGES},
        Who.ADMINISTRATOR,
        setup.PACKAGES,
    )


def _install(context: CheckContext) -> str:
    if context.is_sandbox:
        return _(
            "Open the sandbox install link in the step of the package, and choose "
            "“Install for All Users”."
        )
    return _(
        "Open the production install link on the package step as an administrator, and choose "
        "“Install for All Users”."
    )


def _fail(key: str, sentence: str, fix: str, path: str = setup.PACKAGES) -> Item:
    return Item(key, Outcome.FAIL, sentence, fix, Who.ADMINISTRATOR, path)


def _found(facts: PackageFacts, manifest: PackageManifest | None) -> str:
    if facts.version:
        return _("Version %(version)s is installed.") % {"version": facts.version}
    if manifest is not None:
        return _("The package is there; its version is not told.")
    if facts.installed is False:
        return _("The package is not installed.")
    return _("The integration user sees nothing of the package.")
