"""What stands in the form of the settings before anybody types: the saved choices, or the like."""

from __future__ import annotations

from typing import Any

from jobchanges.models import EnvironmentSettings, OutputSettings
from jobchanges.models.output import SHARED_CHOICES
from jobchanges.services.settings import Options

# A campaign and its status are chosen together: "701…|Sent". Names of statuses hold no bar.
BAR = "|"


def initial_of(
    output: OutputSettings | None,
    chosen: EnvironmentSettings | None,
    *,
    tested: EnvironmentSettings | None = None,
    options: Options | None = None,
) -> dict[str, Any]:
    """What stands in the form before anybody types: the saved choices, else the defaults.

    Without choices of its own, production gets the owner, the people in turn and the campaign of
    the same name as in the tested sandbox, where the org offers exactly one.
    """
    output = output or OutputSettings()
    initial = {name: getattr(output, name) for name in SHARED_CHOICES}
    initial["round_robin"] = [one["id"] for one in chosen.round_robin] if chosen else []
    if chosen is not None:
        initial["default_owner_id"] = chosen.default_owner_id
        initial["campaign"] = _campaign_value(chosen.campaign_id, chosen.campaign_status)
    elif tested is not None and options is not None:
        initial["default_owner_id"] = _owner_alike(tested.default_owner_name, options)
        alike = {one["name"]: _owner_alike(one["name"], options) for one in tested.round_robin}
        initial["round_robin"] = list(dict.fromkeys(filter(None, alike.values())))
        initial["not_alike"] = [name for name, found in alike.items() if not found]
        initial["campaign"] = _campaign_alike(tested, options)
    return initial


def _campaign_value(campaign: str, status: str) -> str:
    return f"{campaign}{BAR}{status}" if campaign else ""


def _owner_alike(name: str, options: Options) -> str:
    """The one user of that name; "" for none or several."""
    alike = [owner.id for owner in options.owners if name and owner.person == name]
    return alike[0] if len(alike) == 1 else ""


def _campaign_alike(tested: EnvironmentSettings, options: Options) -> str:
    """The one campaign with the name and the member status of the sandbox's; "" otherwise."""
    alike = [
        campaign
        for campaign in options.campaigns
        if tested.campaign_name and campaign.name == tested.campaign_name
    ]
    if len(alike) != 1 or tested.campaign_status not in (alike[0].statuses or ("",)):
        return ""
    return _campaign_value(alike[0].id, tested.campaign_status)
