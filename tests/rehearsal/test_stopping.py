"""The rehearsal ends when it is asked to, also in the middle of a request."""

import signal

import pytest

from integrations.rehearsal.__main__ import _stop


def test_being_asked_to_end_raises_what_the_servers_loop_lets_through():
    """Its loop swallows every exception but this one and SystemExit: three runs in twenty hung."""
    with pytest.raises(KeyboardInterrupt):
        _stop(signal.SIGTERM, None)
