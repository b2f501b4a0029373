"""Asking an org what there is to choose from: in the background, so that no page waits for it."""

from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.waking import task_wake
from integrations.models import Connection
from integrations.salesforce.errors import SalesforceError
from integrations.services import org_open
from jobchanges import tasks
from jobchanges.models import OrgOffer
from jobchanges.services.examples import known_ask
from jobchanges.settings_options import Options, settings_options

log = structlog.get_logger(__name__)

# An offer as old as this is asked for anew when somebody opens the page; it is shown meanwhile.
FRESH_FOR = timedelta(minutes=10)
# One person's clicks ask an org once in so many seconds.
ASK_AGAIN = timedelta(seconds=15)
# As long as one round of questions may hold its row; a worker that died gives it back.
LEASE = timedelta(minutes=3)


def org_offer_ask(*, connection: Connection, anew: bool = False) -> OrgOffer | None:
    """What the org offers, as far as it is known; asked in the background where it is old.

    `anew`: somebody pressed a button. None where the org is not connected.
    """
    epoch = connection.epoch
    if epoch is None:
        return None
    if not connection.is_live:
        return OrgOffer.objects.filter(epoch=epoch).first()
    now = timezone.now()
    old = now - (ASK_AGAIN if anew else FRESH_FOR)
    due = Q(asked_at__lte=old)
    if not anew:
        # What the org did not answer is worth another try on the next visit.
        again = Q(asked_at__lte=now - ASK_AGAIN)
        due |= again & ~Q(error="")
        # Nor does an answer of before serve, to which there is more to choose from today.
        due |= again & ~Q(options={}) & ~Q(options__has_key=Options.NEWEST)
        if epoch.package_manifest:
            # Asked before the package was found: the example could not be asked about then.
            due |= again & Q(known__has_key="why_not") & ~Q(known__why_not="")
    with transaction.atomic():
        offer, made = OrgOffer.objects.get_or_create(epoch=epoch, defaults={"asked_at": now})
        asked = made or OrgOffer.objects.filter(due, pk=offer.pk).update(asked_at=now, error="")
        if asked:
            transaction.on_commit(partial(task_wake, tasks.org_offer_ask, epoch.pk))
    offer.refresh_from_db()
    return offer


def org_offer_work(*, epoch_pk: int) -> bool:
    """Ask the org and store what it offers. Returns whether it was asked.

    Claim, call, record: the row is held meanwhile, no transaction is open. An org that does not
    answer leaves what it offered before, with a sentence.
    """
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    due = Q(answered_at=None) | Q(answered_at__lt=F("asked_at"))
    offer = OrgOffer.objects.filter(free, due, epoch=epoch_pk, error="")
    lease = now + LEASE
    if not offer.update(lease_until=lease):
        return False
    connection = (
        Connection.objects.select_related("epoch", "customer").filter(epoch=epoch_pk).first()
    )
    values: dict[str, Any] = {"error": "", "setup_path": ""}
    try:
        if connection is None:
            # Another org took its place: nobody will look at this one.
            return False
        with closing(org_open(connection)) as org:
            options = settings_options(org)
            values["options"] = options.as_json()
            values["known"] = known_ask(connection, org, options, _kept(epoch_pk))
        values["answered_at"] = timezone.now()
    except SalesforceError as error:
        log.warning("org_offer_unasked", reason=error.code)
        values |= {"error": error.sentence[:500], "setup_path": error.setup_path}
    except Exception:
        # Said, so that it is not asked for again each minute.
        log.exception("org_offer_broke", epoch=epoch_pk)
        values["error"] = _("Asking failed because of a mistake of ours. UserGems looks into it.")
    finally:
        # Whoever was too slow, and was taken for dead, stores nothing over a newer answer.
        OrgOffer.objects.filter(epoch=epoch_pk, lease_until=lease).update(
            lease_until=None, **values
        )
    return True


def _kept(epoch_pk: int) -> dict[str, Any]:
    """What the org said of waiting job changes when it was asked before."""
    kept: dict[str, Any] = OrgOffer.objects.values_list("known", flat=True).get(epoch=epoch_pk)
    return kept


def org_offers_left(now: datetime) -> list[int]:
    """Epochs somebody asked about and no worker took: for the sweep."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    late = Q(answered_at=None) | Q(answered_at__lt=F("asked_at"))
    waiting = OrgOffer.objects.filter(
        free, late, error="", asked_at__lte=now - ASK_AGAIN, epoch__ended_at=None
    )
    return list(waiting.values_list("epoch_id", flat=True))


def connection_offers(*, connection: Connection, **_kwargs: Any) -> None:
    """Listens to `connection_established`: who chooses next need not wait then."""
    org_offer_ask(connection=connection)
