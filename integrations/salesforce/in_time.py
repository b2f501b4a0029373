"""Answers that have to be there in time, head and body, however slowly their parts arrive.

A socket's own time-out starts again with each part, so a slow drip would never end: the connection
is shut down instead, which ends the read. Leases and claims count on it (write-protocol).
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPException
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import HTTPResponse


@contextlib.contextmanager
def shut_after(seconds: float, shut: Callable[[], object]) -> Iterator[threading.Event]:
    """Call `shut` after so many seconds, unless the block is over; the event says that it was."""
    ended = threading.Event()

    def give_up() -> None:
        ended.set()
        # Already read to its end, or closed by the other side: nothing left to stop.
        with contextlib.suppress(RuntimeError, ValueError, OSError):
            shut()

    timer = threading.Timer(seconds, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield ended
    finally:
        timer.cancel()


class _HeadInTime(HTTPConnection):
    """The head of the answer within the connection's time-out as a whole."""

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 itself does
        """As ever; TimeoutError when the head is not complete in time."""
        seconds, line = self.timeout, self.sock
        if not isinstance(seconds, int | float) or line is None:
            return super().getresponse()
        with shut_after(seconds, lambda: line.shutdown(socket.SHUT_RD)) as ended:
            try:
                response = super().getresponse()
            except (HTTPException, OSError):
                if not ended.is_set():
                    raise
                raise TimeoutError("The head of the answer was not complete in time.") from None
        if ended.is_set():
            # A head that was cut off reads like one that ended.
            response.close()
            raise TimeoutError("The head of the answer was not complete in time.")
        return response


class _SecureHeadInTime(_HeadInTime, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _HeadInTime


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureHeadInTime


class InTimeAdapter(HTTPAdapter):
    """requests' own way to the wire, over connections that end in time."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As ever, with our connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
