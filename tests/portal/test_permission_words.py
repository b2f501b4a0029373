"""The vendor's permission list in words, in every version."""

import pytest

from integrations.checks.permissions import permission_lists
from portal.pages.permission_words import permission_words


@pytest.mark.parametrize("version", permission_lists())
def test_every_version_reads_as_words(version):
    words = permission_words(version)
    assert words.name
    assert words.source
    shown = " ".join(f"{line.name}: {line.what}" for line in words.lines)
    assert "Contact: Read" in shown
    assert "UserGems object: Read, Create" in shown
    assert "System permissions: API Enabled" in shown
    # API names are taken apart: nobody reads OwnerId in Setup.
    assert "OwnerId" not in shown
    assert "Lead Source" in shown
    # As Object Settings lists them: an address is one row.
    assert "Billing Address" in shown
    assert "Billing Street" not in shown
    assert words.source.startswith("help.usergems.com/article/")


def test_a_version_that_is_gone_falls_back_to_the_newest():
    assert permission_words("V0").name == permission_words("V4").name
