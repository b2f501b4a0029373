"""`make run`: starts everything or says in a sentence why not; leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from portal.demo import bootstrap
from portal.demo.parts import StartError, port_check, port_of
from tests.product import ROOT, product_running


def children(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def part(pid: int, words: str) -> psutil.Process:
    """The direct child of the launcher whose command line holds these words."""
    for child in psutil.Process(pid).children():
        if words in " ".join(child.cmdline()):
            return child
    raise AssertionError(f"no part of the product runs “{words}”")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.servers
@pytest.mark.timeout(300)
def test_stopping_it_ends_every_part(tmp_path, number):
    with product_running(tmp_path) as product:
        running = children(product.pid)
        assert len(running) >= 5
        os.kill(product.pid, number)
        _gone, alive = psutil.wait_procs(running, timeout=60)
        assert alive == []


@pytest.mark.servers
@pytest.mark.timeout(300)
def test_a_part_that_crashes_is_named_with_its_last_lines_and_ends_the_rest(tmp_path):
    with product_running(tmp_path) as product:
        running = children(product.pid)
        part(product.pid, "integrations.rehearsal").kill()
        _gone, alive = psutil.wait_procs(running, timeout=60)
        assert alive == []
        assert product.ended.wait(60)
    said = "".join(product.output)
    assert "The rehearsal orgs ended by itself (exit code -9)" in said
    assert "Its last lines" in said
    assert "READY" in said


def test_a_taken_port_is_said_in_a_sentence_with_a_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError) as problem:
            port_check(port, "PORT", "the site")
    assert str(problem.value) == (
        f"Port {port}, needed for the site, is taken by another program. Stop that program, or "
        f"choose another port: `PORT={port + 100} make run`."
    )


@pytest.mark.parametrize("value", ["http", "80", "", "70000"])
def test_a_port_that_is_none_is_said_so(value):
    with pytest.raises(StartError, match="give a port number between 1024 and 65500"):
        port_of({"PORT": value}, "PORT", 8000)


@pytest.mark.servers  # starts a process of its own
def test_another_env_file_is_left_alone(tmp_path):
    other = tmp_path / "env"
    other.write_text("SECRET_KEY=somebody-elses\n")
    done = subprocess.run(
        [sys.executable, "-m", "portal.demo.launcher"],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if key != "DEMO"}
        | {"ENV_FILE": str(other)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "The .env file here is not the demo's" in done.stderr
    assert other.read_text() == "SECRET_KEY=somebody-elses\n"


def test_an_old_python_is_told_what_is_needed(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "MINIMUM", (99, 0))
    with pytest.raises(SystemExit) as ended:
        bootstrap.main()
    assert ended.value.code == 1
    assert "This needs Python 3.11 or newer" in capsys.readouterr().err


def test_the_installer_itself_is_locked_with_hashes():
    lines = bootstrap.uv_lines((Path(ROOT) / "requirements.txt").read_text())
    assert lines.startswith("uv==")
    assert "--hash=sha256:" in lines
    assert "uvicorn" not in lines
