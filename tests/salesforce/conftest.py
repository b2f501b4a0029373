"""A tiny HTTP server that answers what a test tells it to, and a client aimed at it."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from integrations.salesforce.client import Org
from integrations.salesforce.config import ClientConfig

Answer = Callable[["Handler"], None]

CONFIG = ClientConfig(
    api_version="66.0",
    allowed_suffixes=("127.0.0.1",),
    connect_timeout=1.0,
    read_timeout=0.4,
    write_timeout=0.4,
)


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """Answers in the order given; keeps what it was asked."""

    url: str
    seen: list[Seen] = field(default_factory=list)
    answers: deque[Answer] = field(default_factory=deque)
    closing: threading.Event = field(default_factory=threading.Event)

    def then(self, *answers: Answer) -> "Server":
        self.answers.extend(answers)
        return self

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.seen]


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the next answer."""

    protocol_version = "HTTP/1.1"
    stub: Server

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.stub.seen.append(Seen(self.command, self.path, dict(self.headers.items()), body))
        answer = self.stub.answers.popleft() if self.stub.answers else says(404, NOT_FOUND)
        answer(self)

    do_GET = do_POST = do_PATCH = do_DELETE = handle_any

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""

    def whole(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args: Any) -> None:
        """A client that hung up is what some tests are about."""


NOT_FOUND = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def says(status: int, value: Any = None, **headers: str) -> Answer:
    """JSON with true headers."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    named = {"Content-Type": "application/json;charset=UTF-8", **named}
    body = b"" if value is None else json.dumps(value).encode()
    return lambda handler: handler.whole(status, body, named)


def page(status: int, text: str = "<html><body>Down for maintenance</body></html>") -> Answer:
    """HTML where JSON was expected."""
    headers = {"Content-Type": "text/html;charset=UTF-8"}
    return lambda handler: handler.whole(status, text.encode(), headers)


def plain_text(status: int, text: str) -> Answer:
    return lambda handler: handler.whole(status, text.encode(), {"Content-Type": "text/plain"})


def hangs_up(handler: Handler) -> None:
    """The connection closes without an answer."""
    handler.close_connection = True


def silence(handler: Handler) -> None:
    """No answer at all, as long as the test lives."""
    handler.stub.closing.wait(30)
    handler.close_connection = True


def cut(value: Any) -> Answer:
    """An answer that ends in the middle."""

    def answer(handler: Handler) -> None:
        body = json.dumps(value).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])
        handler.wfile.flush()
        handler.close_connection = True

    return answer


def drip(handler: Handler) -> None:
    """One byte at a time, each in time, never done."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    while not handler.stub.closing.wait(0.05):
        handler.wfile.write(b" ")
        handler.wfile.flush()
    handler.close_connection = True


def rows(*records: dict[str, Any], more: str = "") -> dict[str, Any]:
    """A query answer."""
    marked = [{"attributes": {"type": "X", "url": "/x"}, **record} for record in records]
    answer: dict[str, Any] = {"totalSize": len(records), "done": not more, "records": marked}
    if more:
        answer["nextRecordsUrl"] = more
    return answer


def start() -> tuple[Server, ThreadingHTTPServer]:
    httpd = QuietServer(("127.0.0.1", 0), Handler)
    stub = Server(f"http://127.0.0.1:{httpd.server_address[1]}")
    httpd.RequestHandlerClass = type("BoundHandler", (Handler,), {"stub": stub})
    threading.Thread(
        target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    ).start()
    return stub, httpd


def stop(stub: Server, httpd: ThreadingHTTPServer) -> None:
    stub.closing.set()
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    stub, httpd = start()
    yield stub
    stop(stub, httpd)


@pytest.fixture
def elsewhere() -> Iterator[Server]:
    """Another host, where no token may ever arrive."""
    stub, httpd = start()
    yield stub
    stop(stub, httpd)


class Tokens:
    """A token source that counts renewals."""

    def __init__(self) -> None:
        self.current = "TOKEN-1"
        self.rejected: list[str] = []

    def access_token(self) -> str:
        return self.current

    def renew(self, rejected: str) -> str:
        self.rejected.append(rejected)
        self.current = f"TOKEN-{len(self.rejected) + 1}"
        return self.current


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def naps() -> list[float]:
    """How long the client would have waited between repeats."""
    return []


@pytest.fixture
def org(server: Server, tokens: Tokens, naps: list[float]) -> Iterator[Org]:
    """A client of a production org."""
    client = Org(
        instance_url=server.url, tokens=tokens, config=CONFIG, production=True, sleep=naps.append
    )
    yield client
    client.close()
