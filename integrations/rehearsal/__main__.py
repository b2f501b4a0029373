"""`python -m integrations.rehearsal`: start all rehearsal hosts in one process."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TextIO

import waitress

from integrations.rehearsal.clients import clients_from_json, default_clients
from integrations.rehearsal.config import Settings, more_orgs
from integrations.rehearsal.configurations import ConfigurationError, known
from integrations.rehearsal.server import make_app
from integrations.rehearsal.world import World

THREADS = 16
LARGEST_HEAD = 262_144
# Clients keep their connections open; beyond this many, new ones wait for an old one to end.
# A process may have 1,024 open files as a rule, and select() knows no more.
MOST_CONNECTIONS = 900


def _say(text: str, to: TextIO | None = None) -> None:
    to = to or sys.stdout
    to.write(text + "\n")
    to.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="integrations.rehearsal", description=__doc__)
    parser.add_argument("--port", type=int, default=8001, help="first of the ports, counted up")
    parser.add_argument("--data", type=Path, required=True, help="directory that keeps the orgs")
    parser.add_argument("--site-url", default="http://127.0.0.1:8000", help="the portal's address")
    parser.add_argument("--more-orgs", type=int, default=0, help="so many further customers")
    parser.add_argument("--reset", action="store_true", help="begin with fresh orgs")
    return parser.parse_args()


def _taken(ports: list[int]) -> int | None:
    for port in ports:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except (OSError, OverflowError):
                return port
    return None


def _stop(signum: int, frame: FrameType | None) -> None:
    # As Ctrl-C: the server's loop swallows every other exception that comes in the middle of
    # reading or writing, and would go on as if nothing had been asked.
    raise KeyboardInterrupt


def main() -> int:
    """Start, serve, end on SIGTERM or Ctrl-C; 2 if the arguments or a port do not fit."""
    arguments = _arguments()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # Lines cut off by a fault, on purpose, are no news.
    logging.getLogger("waitress").setLevel(logging.ERROR)
    settings = Settings(arguments.port, arguments.site_url)
    clients = default_clients(arguments.site_url)
    given = os.environ.get("REHEARSAL_CLIENTS", "").strip()
    if given:
        try:
            clients = clients_from_json(given)
        except (ValueError, TypeError, KeyError) as error:
            _say(f"REHEARSAL_CLIENTS cannot be read: {error}", sys.stderr)
            return 2
    orgs = (*settings.orgs, *more_orgs(arguments.more_orgs))
    settings = replace(settings, clients=tuple(clients), orgs=orgs)
    try:
        known()
    except ConfigurationError as error:
        _say(f"A configuration cannot be read: {error}", sys.stderr)
        return 2
    count = len(settings.login_urls) + len(settings.orgs)
    ports = list(range(arguments.port, arguments.port + count))
    taken = _taken(ports)
    if taken is not None:
        _say(f"Port {taken} is taken or cannot be used; choose another --port.", sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _stop)
    world = None
    try:
        world = World(settings, arguments.data, arguments.reset)
        server = waitress.create_server(
            make_app(world),
            listen=" ".join(f"127.0.0.1:{port}" for port in ports),
            threads=THREADS,
            max_request_header_size=LARGEST_HEAD,
            connection_limit=MOST_CONNECTIONS,
            ident="",
        )
        for environment, url in settings.login_urls.items():
            _say(f"{url}  {environment} login host")
        for org in world.orgs.values():
            _say(f"{org.url}  {org.config.title}")
        _say("READY")
        server.run()
    except KeyboardInterrupt:
        return 0
    finally:
        if world is not None:
            world.database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
