"""What is known about a customer's reports: reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integrations.models import OrgEpoch, ReportListing, TrackingReport


def tracking_reports(epoch: OrgEpoch | None) -> list[TrackingReport]:
    """The reports chosen in an org, the first one first."""
    if epoch is None:
        return []
    return list(
        TrackingReport.objects.filter(epoch=epoch, removed_at=None).select_related("chosen_by")
    )


@dataclass(frozen=True)
class ListedReports:
    """The reports that may be chosen, with the list they come from."""

    listing: ReportListing | None
    reports: Sequence[Mapping[str, str]] = ()

    @property
    def asking(self) -> bool:
        """Whether the org is being asked right now."""
        one = self.listing
        if one is None or one.error:
            return False
        return one.answered_at is None or one.answered_at < one.asked_at


def reports_listed(epoch: OrgEpoch | None, words: str = "") -> ListedReports:
    """The reports of an org whose name or folder holds all the words; not those chosen already."""
    listing = ReportListing.objects.filter(epoch=epoch).first() if epoch else None
    if listing is None:
        return ListedReports(None)
    chosen = set(
        TrackingReport.objects.filter(epoch=epoch, removed_at=None).values_list(
            "report_id", flat=True
        )
    )
    wanted = words.casefold().split()
    found = [
        one
        for one in listing.reports
        if one["id"] not in chosen
        and all(word in f"{one['name']} {one['folder']}".casefold() for word in wanted)
    ]
    return ListedReports(listing, found)
