"""Asking an org about a few waiting job changes, so that settings can be tried on them.

Part of asking what there is to choose from (`services.offers`): in the background, read only.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.utils import timezone

from integrations.models import Connection
from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.soql import in_list
from jobchanges.matching import matches_ask, plan_settings_load
from jobchanges.models import OrgOffer
from jobchanges.plan_settings import PlanSettingsError
from jobchanges.planning import Matches
from jobchanges.planning.asking import select
from jobchanges.planning.types import JobChangeData
from jobchanges.settings_example import example_rows
from jobchanges.settings_fields import user_lookups
from jobchanges.settings_known import Known, fields_kept
from jobchanges.settings_options import Options

log = structlog.get_logger(__name__)
# People and accounts of an org do not change from minute to minute.
FRESH_FOR = timedelta(hours=1)


def known_ask(
    connection: Connection, org: Org, options: Options, before: dict[str, Any]
) -> dict[str, Any]:
    """What the org says of the waiting job changes, as `OrgOffer.known` keeps it.

    `before`: what is kept now, given back while it is fresh and about the same people. A few
    calls; what cannot be asked is a sentence in it. Never raises for what the org answers.
    """
    rows = example_rows(connection.customer, connection.environment)
    if not rows:
        return {}
    kept = Known.from_json(before)
    now = timezone.now()
    same = set(kept.matches) == {row.key for row in rows}
    if same and kept.asked_at is not None and now - kept.asked_at < FRESH_FOR:
        return before
    try:
        settings = plan_settings_load(connection.customer, connection.environment, org)
        matches = matches_ask(org, [JobChangeData.of(row) for row in rows], settings)
        lookups = _lookups(org, options, matches)
    except PlanSettingsError as problem:
        return Known(why_not=str(problem)).as_json()
    except SalesforceError as error:
        log.warning("examples_unasked", reason=error.code)
        return before or Known(why_not=error.sentence).as_json()
    return Known(
        asked_at=now,
        fields=fields_kept(settings.fields, settings.manifest),
        matches=matches,
        lookups=lookups,
        campaign_id=settings.campaign_id,
    ).as_json()


def _lookups(org: Org, options: Options, matches: dict[str, Matches]) -> dict[str, dict[str, str]]:
    """Of the accounts that were found, the users named in each lookup there is to choose."""
    names = [field.name for field in user_lookups(options.fields)]
    accounts = sorted({found.account.id for found in matches.values() if found.account})
    if not names or not accounts:
        return {}
    rows = org.query(select(("Id", *names), "Account", f"Id IN {in_list(accounts)}"))
    return {row["Id"]: {name: row.get(name) or "" for name in names} for row in rows}


def known_purge(*, asked_before: datetime, dry_run: bool = False) -> int:
    """Forget what orgs said of people before that moment; of how many orgs."""
    old = OrgOffer.objects.filter(answered_at__lte=asked_before).exclude(known={})
    return old.count() if dry_run else old.update(known={})
