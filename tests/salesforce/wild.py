"""Answers that nobody should send, byte by byte, and a server that sends them."""

from __future__ import annotations

import copy
import gzip
import json
import socketserver
import threading
import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

LARGEST = 200_000

# What JSON may hold although no encoder writes it: put in after encoding.
RAW = {
    "@@huge@@": "1e999",
    "@@nan@@": "NaN",
    "@@infinity@@": "-Infinity",
    "@@digits@@": "9" * 5000,
    "@@twice@@": '{"a": 1, "a": [2], "errorCode": "A_B", "errorCode": null}',
    "@@deep@@": '{"a":[' * 70 + "1" + "]}" * 70,
}
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(
        [
            *RAW,
            "",
            " ",
            "\x00",
            "a\x00b",
            "\ud800",
            "\udfff x",
            "x" * 3_000,
            "00Q5g00000AbCdEAAV",
            "HTTP_²",
            "HTTP_" + "9" * 50,
            "//evil.example/x",
            "true",
            10**40,
            -1,
            0.5,
        ]
    ),
    st.text(max_size=20),
)
JUNK = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["errorCode", "message", "fields", "success", "errors", "id", "\x00"])
            | st.text(max_size=5),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def _places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every part of a JSON value."""
    found = [here]
    if isinstance(value, dict):
        parts: Any = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    else:
        return found
    for name, part in parts:
        found += _places(part, (*here, name))
    return found


@st.composite
def mutated(draw: st.DrawFn, good: Any) -> Any:
    """A good answer with one to three parts swapped, missing, wrapped or emptied."""
    holder = [copy.deepcopy(good)]
    for _ in range(draw(st.integers(1, 3))):
        way = draw(st.sampled_from(_places(holder[0])))
        container: Any = holder
        name: Any = 0
        for step in way:
            container, name = container[name], step
        match draw(st.sampled_from(["junk", "missing", "wrapped", "emptied", "twice"])):
            case "junk":
                container[name] = draw(JUNK)
            case "missing" if container is not holder:
                del container[name]
            case "wrapped":
                container[name] = [container[name]]
            case "emptied":
                container[name] = draw(st.sampled_from([None, [], {}, ""]))
            case _:
                container[name] = {"a": container[name], "records": container[name]}
    return holder[0]


def encoded(value: Any) -> bytes:
    """JSON, and a little more than JSON."""
    text = json.dumps(value)
    for sign, raw in RAW.items():
        text = text.replace(json.dumps(sign), raw)
    return text.encode()


def bodies(good: Any) -> st.SearchStrategy[bytes]:
    """Bodies around a good answer, and bodies that have nothing to do with it."""
    right = good if isinstance(good, bytes) else encoded(good)
    around = (
        st.tuples(st.just(right), st.integers(0, len(right)), st.binary(max_size=4)).map(
            lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] + len(parts[2]) :]
        )
        if isinstance(good, bytes)
        else mutated(good).map(encoded)
    )
    return st.one_of(
        around,
        around,
        around,
        mutated(_REFUSED).map(encoded),
        JUNK.map(encoded),
        st.lists(JUNK, max_size=2).map(encoded),
        st.sampled_from(
            [
                b"",
                b"null",
                b"1",
                b'"text"',
                b"[]",
                b"{}",
                b"\xef\xbb\xbf{}",
                b"\xff\xfe{\x00}\x00",
                b'{"a": "\xff\xfe\xc3"}',
                b'{"a": "\x00"}',
                b"Bad_OAuth_Token",
                b"<html><body>Down for maintenance</body></html>",
                b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
                b"[" * 100_000,
                b"[" * 950 + b"]" * 950,
                b'{"errors":' * 300 + b"1" + b"}" * 300,
                b'[{"errors":[' * 58 + b"]}]" * 58,
                right[: len(right) // 2],
                right + right,
                b'["' + b"x" * LARGEST + b'"]',
            ]
        ),
        st.binary(max_size=50),
    )


_REFUSED = [
    {"message": "No such column", "errorCode": "INVALID_FIELD", "fields": ["X__c"]},
    {"message": "Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"},
]
_STATUS = st.one_of(
    st.just(200),
    st.sampled_from([201, 204, 300, 302, 304, 400, 401, 403, 404, 500, 503]),
    st.integers(200, 599),
)
_HEAD = st.one_of(
    st.none(),
    st.none(),
    st.none(),
    st.sampled_from(
        [b"HTTP/1.1 abc OK", b"FOO", b"HTTP/1.1", b"HTTP/9.9 200 OK", b"HTTP/1.1 99999 x", b""]
    ),
)
_HEADERS = st.just([]) | st.lists(
    st.sampled_from(
        [
            b"Content-Type: application/json;charset=UTF-8",
            b"Content-Type: text/html; charset=\xff",
            b"Content-Type: application/json;charset=idna",
            b"Content-Type: application/json;charset=unicode_escape",
            b"Content-Type: application/json;charset=utf-7",
            b"Content-Encoding: gzip",
            b"Content-Encoding: deflate",
            b"Content-Encoding: gzip, gzip, deflate",
            b"Content-Encoding: br",
            b"Content-Encoding: \xff",
            b"Content-Length: 5",
            b"Content-Length: 999999",
            b"Content-Length: -1",
            b"Content-Length: x",
            b"Content-Length: 1, 2",
            b"Transfer-Encoding: chunked",
            b"Location: http://[",
            b"Location: http://169.254.169.254/latest",
            b"Location: \xff\xfe//",
            b"Set-Cookie: a=b; Max-Age=" + b"9" * 5000,
            b"Set-Cookie: a=b; Expires=Thu, 99 Xxx 99999 99:99:99 GMT; Domain=.com; Version=x",
            b"Sforce-Limit-Info: api-usage=" + b"9" * 5000 + b"/1",
            b"Sforce-Limit-Info: api-usage=5/0",
            b"Sforce-Limit-Info: api-usage=1/2; per-app-api-usage=9/9(appName=\xff)",
            b"Sforce-Limit-Info: per-app-api-usage=" + b"9" * 5000 + b"/1(appName=x)",
            b"no colon here",
            b": no name",
            b"X-Long: " + b"x" * 70_000,
            b"\r\n".join(b"X-%d: y" % number for number in range(150)),
            b"WWW-Authenticate: Basic realm=x",
        ]
    ),
    max_size=3,
)
_PACKED = st.sampled_from([None, None, None, "gzip", "deflate", "bomb", "claimed"])


@st.composite
def answers(draw: st.DrawFn, good: Any) -> bytes:
    """A whole answer as it goes over the wire; the line is closed after it."""
    body = draw(bodies(good))
    headers = draw(_HEADERS)
    match draw(_PACKED):
        case "gzip":
            body, headers = gzip.compress(body), [*headers, b"Content-Encoding: gzip"]
        case "deflate":
            body, headers = zlib.compress(body), [*headers, b"Content-Encoding: deflate"]
        case "bomb":
            body = gzip.compress(b" " * 20 * LARGEST + body)
            headers = [*headers, b"Content-Encoding: gzip"]
        case "claimed":
            headers = [*headers, b"Content-Encoding: gzip"]
    head = draw(_HEAD) or b"HTTP/1.1 %d Some words" % draw(_STATUS)
    if draw(st.booleans()):
        headers = [*headers, b"Content-Length: %d" % len(body)]
    return b"\r\n".join([head, *headers, b"", b""]) + body


def proper(value: Any) -> bytes:
    """A good answer with a true head."""
    body = value if isinstance(value, bytes) else encoded(value)
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    ) + body


@dataclass
class WildServer:
    """Sends the next answer to each request, the last one again and again."""

    url: str = ""
    left: deque[bytes] = field(default_factory=deque)
    requests: int = 0

    def then(self, wanted: list[bytes]) -> None:
        self.left = deque(wanted)
        self.requests = 0

    def next(self) -> bytes:
        self.requests += 1
        return self.left.popleft() if len(self.left) > 1 else self.left[0]


class _Handler(socketserver.StreamRequestHandler):
    wild: WildServer

    def handle(self) -> None:
        length = 0
        while (line := self.rfile.readline(70_000)) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        self.rfile.read(length)
        self.wfile.write(self.wild.next())


class _Quiet(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 50

    def handle_error(self, *args: Any) -> None:
        """A client that hung up in the middle of a bomb."""


def start() -> tuple[WildServer, socketserver.TCPServer]:
    wild = WildServer()
    httpd = _Quiet(("127.0.0.1", 0), type("Bound", (_Handler,), {"wild": wild}))
    wild.url = f"http://127.0.0.1:{httpd.server_address[1]}"
    threading.Thread(
        target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    ).start()
    return wild, httpd
