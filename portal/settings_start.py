"""Starting a customer's settings from a template, on the desk: shown first, saved by the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from integrations.models import OrgEpoch
from integrations.salesforce.manifest import MANIFESTS, USERGEM_1
from jobchanges.models import SettingsTemplate
from jobchanges.models.output import SHARED_CHOICES
from jobchanges.settings_options import Options
from jobchanges.settings_problems import SettingsValues
from jobchanges.settings_templates import template_start
from portal.settings_side import shared_words
from portal.settings_words import row_title


@dataclass(frozen=True)
class Start:
    """What a template would change here: (what, now, then); and what this org does not allow."""

    template: SettingsTemplate
    values: SettingsValues
    changes: Sequence[tuple[str, str, str]]
    left_out: Sequence[tuple[str, str]]

    @property
    def initial(self) -> dict[str, Any]:
        """The template's choices as the form takes them."""
        chosen = _chosen(self.values)
        return {name: chosen[name] for name in SHARED_CHOICES}


def settings_start(
    template: SettingsTemplate, before: SettingsValues, options: Options, epoch: OrgEpoch
) -> Start:
    """Try a template on the choices as they are. Saves nothing."""
    manifest = MANIFESTS.get(epoch.package_manifest, USERGEM_1)
    started = template_start(template.values, before, options, manifest)
    now, then = (dict(shared_words(_chosen(one))) for one in (before, started.values))
    nothing = _("nothing")
    return Start(
        template=template,
        values=started.values,
        changes=[
            (what, now.get(what) or nothing, then.get(what) or nothing)
            for what in {**now, **then}
            if now.get(what) != then.get(what)
        ],
        left_out=[
            (row_title(asdict(one), {}) if not isinstance(one, str) else _called(one), sentence)
            for one, sentence in started.left_out
        ],
    )


def _chosen(values: SettingsValues) -> Mapping[str, Any]:
    """The choices that hold in both orgs, as a sign-off knows them."""
    plain = asdict(values)
    return {
        **{name: plain[name] for name in SHARED_CHOICES},
        "field_mapping": list(plain["field_mapping"]),
    }


def _called(name: str) -> str:
    return {
        "lead_source": _("Lead source"),
        "contact_owner_field": _("Owner of a contact"),
        "lead_account_field": _("Account on the lead"),
    }.get(name, name)
