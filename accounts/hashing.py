"""One way to turn content into a hash, so that a hash can be computed again later."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

# Plain data as JSON knows it: what may be hashed and stored in events.
JSON = str | int | float | bool | None | Sequence[Any] | Mapping[str, Any]


def canonical_json(value: JSON) -> str:
    """Write plain data the one way it is hashed: sorted keys, no spaces, UTF-8 as it is.

    Raises TypeError for what JSON does not know (dates, decimals, lazy texts), ValueError for
    NaN and infinities: whoever hashes decides first how such a value is written.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def content_hash(value: JSON) -> str:
    """sha256 over the canonical JSON of a value, in 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
