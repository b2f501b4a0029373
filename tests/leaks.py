"""Looks for secrets in whatever the product leaves behind: whole, in parts, and in disguise."""

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote

# A part of a secret that is as long gives it away; shorter ones stand in harmless words.
PART = 16
# Everything that a secret is written with, in any of the forms.
_RUNS = re.compile(rf"[A-Za-z0-9_.!=+/%~-]{{{PART},}}")


class Leaks:
    """The secrets that must not be found, each in all its parts of 16 characters."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self._parts: dict[str, str] = {}

    def add(self, name: str, secret: str) -> None:
        """One more secret, in the forms that texts have: plain, in an address, base64, hex."""
        if secret in self.names:
            return
        assert len(secret) >= PART, name
        self.names[secret] = name
        for form, text in _forms(secret):
            for start in range(len(text) - PART + 1):
                self._parts.setdefault(text[start : start + PART], f"{name}, {form}")

    def found(self, texts: Iterable[tuple[str, str]]) -> list[str]:
        """Where a part of a secret stands: `place: which secret, in which form`."""
        seen: set[str] = set()
        result = []
        for place, text in texts:
            for run in _RUNS.findall(text):
                if run in seen:
                    continue
                part = self._part_in(run)
                if part:
                    result.append(f"{place}: {part}")
                else:
                    seen.add(run)
        return sorted(set(result))

    def _part_in(self, run: str) -> str:
        for start in range(len(run) - PART + 1):
            if name := self._parts.get(run[start : start + PART]):
                return name
        return ""


def _forms(secret: str) -> Iterable[tuple[str, str]]:
    yield "as it is", secret
    yield "in an address", quote(secret, safe="")
    yield "hexadecimal", secret.encode().hex()
    for before in range(3):
        # What stands before it decides which characters come out; those at the edges differ.
        padded = b"\0" * before + secret.encode()
        start = {0: 0, 1: 2, 2: 3}[before]
        whole = len(padded) // 3 * 4
        yield "base64", base64.b64encode(padded).decode()[start:whole]
        yield "base64 for addresses", base64.urlsafe_b64encode(padded).decode()[start:whole]
