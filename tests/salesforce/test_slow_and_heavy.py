"""Answers made to hold us up or to fill our memory end in time, at a size, as our own errors."""

import gzip
import socket
import ssl
import tempfile
import threading
import time
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from urllib3.exceptions import ReadTimeoutError
from urllib3.util import Timeout

from integrations.salesforce import in_time, oauth
from integrations.salesforce.client import Graph, Node, Org
from integrations.salesforce.errors import OutcomeUnknown, SalesforceError
from integrations.salesforce.oauth import OAuthError
from integrations.salesforce.soap import xml_read
from tests.salesforce.conftest import CONFIG, page, says, silence

# The time-outs of CONFIG are 0.4 s; a slow machine may take its time to notice.
IN_TIME = 5
SMALL = replace(CONFIG, largest_answer=1_000_000, read_timeout=20)
BOMB = b" " * 40_000_000


def head_drips(handler):
    """A head that grows by a byte, each in time, and has no end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not handler.stub.closing.wait(0.05):
        handler.wfile.write(b"a")
        handler.wfile.flush()
    handler.close_connection = True


def packed(encoding, body):
    return lambda handler: handler.whole(200, body, {"Content-Encoding": encoding})


def test_a_head_that_never_ends_is_no_answer_to_a_read(org, server):
    server.then(head_drips, says(200, {}))
    began = time.monotonic()
    assert org.limits() == {}
    assert time.monotonic() - began < IN_TIME


def test_a_head_that_never_ends_leaves_the_outcome_of_a_write_unknown_in_time(org, server):
    server.then(head_drips)
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        org.graphs([Graph("g1", [Node("POST", "Lead", None, "lead", {"LastName": "Doe"})])])
    assert time.monotonic() - began < IN_TIME


def test_a_head_that_never_ends_does_not_outlast_the_lease_of_a_refresh(server):
    server.then(head_drips)
    began = time.monotonic()
    with pytest.raises(OAuthError) as caught:
        oauth.token_refresh(
            login_url=server.url,
            client_id="id",
            client_secret="secret",
            refresh_token="token",
            config=CONFIG,
        )
    assert caught.value.code == "no_answer"
    assert time.monotonic() - began < IN_TIME


def test_the_same_holds_over_tls():
    context, listener = tls_server()
    ended = threading.Event()

    def serve():
        with context.wrap_socket(listener.accept()[0], server_side=True) as line:
            line.recv(10_000)
            line.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not ended.wait(0.05):
                line.sendall(b"a")

    thread = threading.Thread(target=quietly(serve), daemon=True)
    thread.start()
    pool = in_time._SecurePool(*listener.getsockname(), cert_reqs="CERT_NONE")
    began = time.monotonic()
    with (
        pytest.warns(match="Unverified HTTPS request"),
        pytest.raises(ReadTimeoutError),
    ):
        pool.request("GET", "/", timeout=Timeout(connect=5, read=0.4), retries=False)
    assert time.monotonic() - began < IN_TIME
    ended.set()
    thread.join(timeout=10)
    listener.close()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(BOMB)),
        ("gzip, gzip", gzip.compress(gzip.compress(BOMB))),
        ("deflate", zlib.compress(BOMB)),
    ],
    ids=["gzip", "gzip in gzip", "deflate"],
)
def test_a_packed_answer_counts_as_large_as_it_is_unpacked(server, tokens, encoding, body):
    server.then(packed(encoding, body))
    client = Org(instance_url=server.url, tokens=tokens, config=SMALL)
    with pytest.raises(SalesforceError) as caught:
        client.limits()
    assert caught.value.code == "ANSWER_TOO_LARGE"
    assert len(server.seen) == 1


def test_packing_upon_packing_is_no_answer(server, tokens, naps):
    server.then(*[packed(", ".join(["gzip"] * 8), b"x")] * 3)
    client = Org(instance_url=server.url, tokens=tokens, config=SMALL, sleep=naps.append)
    with pytest.raises(SalesforceError) as caught:
        client.limits()
    assert caught.value.code == "NO_ANSWER"


@pytest.mark.parametrize(
    "document",
    [
        b"<a>" + b"<b/>" * 600_000 + b"</a>",
        b"<a>" + b"x\n" * 1_100_000 + b"</a>",
        b"<a>" * 70 + b"</a>" * 70,
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        b'<?xml version="1.0" encoding="zip"?><a/>',
    ],
    ids=["elements", "text", "depth", "entity", "utf-7", "no text encoding"],
)
def test_xml_made_to_hold_us_up_is_not_read(document):
    began = time.monotonic()
    with pytest.raises(ValueError):  # noqa: PT011 (the reasons differ)
        xml_read(document)
    assert time.monotonic() - began < 1


def quietly(serve):
    """The other side hangs up in the middle: that is what the test is about."""

    def run():
        try:
            serve()
        except OSError:
            return

    return run


def tls_server():
    """A listening socket, and a certificate of its own for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(tz=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    load(context, certificate, key)
    return context, socket.create_server(("127.0.0.1", 0))


def load(context, certificate, key):
    """OpenSSL takes certificate and key from a file only."""
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        file.flush()
        context.load_cert_chain(file.name)


@pytest.mark.parametrize("first", [silence, head_drips])
def test_a_client_with_patience_gives_a_silent_org_up_in_time(server, tokens, first):
    """A page has to say so before the web server gives up on the page."""
    config = replace(CONFIG, read_timeout=30)
    server.then(first, first, first)
    client = Org(instance_url=server.url, tokens=tokens, config=config, patience=0.5)
    began = time.monotonic()
    for _call in range(2):
        with pytest.raises(SalesforceError) as caught:
            client.limits()
        assert caught.value.code == "NO_ANSWER"
    assert time.monotonic() - began < IN_TIME
    assert len(server.seen) == 1
    client.close()


def test_patience_still_repeats_what_was_answered_quickly(server, tokens, naps):
    server.then(page(503), page(503), says(200, {"x": 1}))
    client = Org(
        instance_url=server.url, tokens=tokens, config=CONFIG, patience=20, sleep=naps.append
    )
    assert client.limits() == {"x": 1}
    assert len(naps) == 2


def test_an_odd_head_brings_nobodys_address_into_the_log(org, server, caplog):
    def odd(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno header\r\n: x\r\n\r\n{}")

    server.then(odd, odd, odd)
    with pytest.raises(SalesforceError):
        org.query("SELECT Id FROM Lead WHERE Email = 'ada@analytical.example'")
    assert "ada" not in caplog.text
