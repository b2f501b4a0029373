"""Plain JSON for a pack: times, people, and the hash that each object carries."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from accounts.hashing import content_hash
from accounts.models import Customer, Membership, User
from accounts.verify_evidence import SEAL, seal_of


def sealed(value: dict[str, Any]) -> dict[str, Any]:
    """The object with its own hash. Objects within it that carry one are sealed before."""
    return value | {SEAL: seal_of(value)}


def moment(at: datetime | None) -> str | None:
    """A time as everywhere in a pack: UTC, ISO 8601."""
    return at.astimezone(UTC).isoformat() if at else None


class Log:
    """The events of the pack, to find the one that recorded what somebody agreed to."""

    def __init__(self, events: Iterable[dict[str, Any]]) -> None:
        self._found: dict[tuple[str, str], int] = {}
        self._of_id: dict[tuple[str, Any, str], tuple[int, str]] = {}
        for event in events:
            data, number, action = event["data"], event["sequence"], event["action"]
            found = str(data.get("content_hash", ""))
            self._found.setdefault((action, found), number)
            self._of_id.setdefault((action, data.get("id"), found), (number, action))

    def number(self, action: str, found: str) -> int | None:
        """The number of the event of this action that carries the hash."""
        return self._found.get((action, found))

    def said(self, actions: Iterable[str], pk: int, found: str) -> tuple[int | None, str]:
        """(number, action) of the event that recorded what was said of a step or point."""
        names = list(actions)
        for action in names:
            if (action, pk, found) in self._of_id:
                return self._of_id[action, pk, found]
        return None, names[0]


def agreed(
    *, what: str, content: Any, agreed_hash: str, in_event: int | None, **more: Any
) -> dict[str, Any]:
    """What somebody agreed to, with the hash that they agreed to.

    Once values were removed from it (retention, erasing), it no longer gives that hash, and says
    so; the event that recorded the hash stands in the chain all the same.
    """
    return sealed(
        {
            "what": what,
            **more,
            "content": content,
            "content_sha256": agreed_hash,
            "in_event": in_event,
            "removed": content_hash(content) != agreed_hash,
        }
    )


def people_of_pack(customer: Customer, ids: Iterable[int | None]) -> list[dict[str, Any]]:
    """Everybody whom the pack names by number, and everybody who has access."""
    roles = {
        one.user_id: one
        for one in Membership.objects.filter(customer=customer).select_related("user")
    }
    wanted = {pk for pk in ids if pk is not None} | set(roles)
    if customer.implementation_manager_id is not None:
        wanted.add(customer.implementation_manager_id)
    return [
        sealed(
            {
                "id": person.pk,
                "name": person.full_name,
                "email": person.email,
                "side": "vendor" if person.is_staff else "customer",
                "role": str(roles[person.pk].role) if person.pk in roles else "",
                "since": moment(roles[person.pk].created_at) if person.pk in roles else None,
                "left_at": moment(roles[person.pk].left_at) if person.pk in roles else None,
            }
        )
        for person in User.objects.filter(pk__in=wanted).order_by("pk")
    ]
