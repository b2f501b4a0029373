"""Figures of batches: API calls, speed against a naive loop, and what ten times the size costs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.bench_figures import Figure
from tests.bench_world import Found, step, step_end, step_start

ORG = "northwind"
# What the vendor's help pages say (contact-tracking, section 12): 10 to 15 calls and about 90
# seconds for each job change.
PUBLISHED_CALLS, PUBLISHED_SECONDS = 12.5, 90.0
COUNTED = int(os.environ.get("BENCH_COUNTED", "1000"))
SPEED_SIZE = int(os.environ.get("BENCH_SPEED", "600"))
SAMPLE = 30
ANSWER_SECONDS, SLOW_SECONDS = 0.1, 2.0
SIZES = tuple(map(int, os.environ.get("BENCH_SIZES", "3000,10000,30000").split(",")))
# The delay of a speed figure stands until its rehearsal ends.
ALL_CALLS = 10_000_000


def call_figure(folder: Path, ten: dict[str, Any]) -> Figure:
    """API calls of a batch of a thousand, everything included that asks the org; `ten`: a test."""
    from tests.rehearsal_server import rehearsal_running

    database = _sqlite(folder / "calls")
    with rehearsal_running(folder / "calls" / "orgs") as rehearsal:
        step(database, "prepare", port=rehearsal.port, orgs={ORG: [COUNTED, 0]})
        sent = step(database, "deliver", port=rehearsal.port, org=ORG)
        settled = step(database, "settle", port=rehearsal.port, org=ORG)
    counts = {**sent["calls"], "read again when settled": sum(settled["calls"].values())}
    each = sum(counts.values()) / sent["job_changes"]
    return Figure(
        "api_calls_per_job_change",
        each,
        "calls",
        baseline=PUBLISHED_CALLS,
        ratio=each / PUBLISHED_CALLS,
        detail={
            "what": f"a batch of {COUNTED} with a campaign, over the wire; the baseline is what "
            "the vendor publishes",
            "fewer than published": round(PUBLISHED_CALLS / each),
            "calls": counts,
            "states": sent["states"],
            "records written and read back twice": settled["records"],
            "a test of ten": ten,
        },
    )


def speed_figure(folder: Path) -> Figure:
    """Job changes a second with one and three orgs, answering at once and slowly."""
    from tests.servers import postgresql

    with postgresql() as server:
        quick = _speeds(folder / "quick", server, "quick", ANSWER_SECONDS)
        slow = _speeds(folder / "slow", server, "slow", SLOW_SECONDS)
    ours, naive = quick["one org"]["each second"], quick["one by one"]["each second"]
    return Figure(
        "job_changes_per_second",
        ours,
        "per second",
        baseline=naive,
        ratio=ours / naive,
        detail={
            "what": "the ratio is to the naive loop in an org that answers as quickly; that of "
            "three orgs is to three such loops",
            "faster than published": round(ours * PUBLISHED_SECONDS),
            f"org answers in {ANSWER_SECONDS} s": quick,
            f"org answers in {SLOW_SECONDS} s": slow,
        },
    )


def _speeds(folder: Path, server: str, name: str, seconds: float) -> dict[str, Any]:
    """One org alone, three side by side, and the naive loop, in orgs that take this long."""
    from tests.rehearsal_server import rehearsal_running

    three = [ORG, "more-1", "more-2"]
    # In slow orgs the sample is done in three loops, and while ours is measured: they only wait.
    slow = seconds > 1
    loops = ["more-4", "more-5", "more-6"] if slow else ["more-4"]
    with rehearsal_running(folder / "orgs", more_orgs=6) as rehearsal:
        database = _postgresql(server, f"bench_{name}")
        port, sample = rehearsal.port, SAMPLE // len(loops)
        orgs = {org: [SPEED_SIZE, 0] for org in ("more-3", *three)}
        step(database, "prepare", port=port, orgs=orgs | {org: [sample, sample] for org in loops})
        rehearsal.fault("delay", times=ALL_CALLS, seconds=seconds, path="/services/data/v")
        waiting = [step_start(database, "naive", port=port, org=org) for org in loops if slow]
        one = _side_by_side(database, "deliver", port, ["more-3"])
        many = _side_by_side(database, "deliver", port, three)
        if not slow:
            waiting = [step_start(database, "naive", port=port, org=org) for org in loops]
        naive = _together([step_end(process, "naive") for process in waiting])
    single = naive["each second"] / len(loops)
    one["ratio"] = round(one["each second"] / single, 1)
    many["ratio"] = round(many["each second"] / (single * len(three)), 1)
    many["times one org"] = round(many["each second"] / one["each second"], 2)
    return {"one org": one, "three orgs": many, "one by one": naive}


def _side_by_side(database: str, name: str, port: int, orgs: list[str]) -> dict[str, Any]:
    """The same step for several orgs at once, each in a worker of its own."""
    running = [step_start(database, name, port=port, org=org) for org in orgs]
    return _together([step_end(process, name) for process in running])


def _together(found: list[Found]) -> dict[str, Any]:
    seconds = max(item["seconds"] for item in found)
    total = sum(item["job_changes"] for item in found)
    return {
        "orgs": len(found),
        "job_changes": total,
        "seconds": seconds,
        "each second": round(total / seconds, 3),
        "calls_each": found[0]["calls_each"],
    }


def growth_figures(folder: Path) -> Iterator[Figure]:
    """What a job change costs us in batches of ever more of them, and how much memory they take."""
    runs = {size: _batch_run(folder / f"size-{size}", size) for size in SIZES}
    least, most = min(SIZES), max(SIZES)
    cost = {size: 1000 * run["cpu"] / run["job_changes"] for size, run in runs.items()}
    pace = {size: run["seconds"] / run["job_changes"] for size, run in runs.items()}
    yield Figure(
        "delivery_growth",
        cost[most],
        "ms CPU each",
        baseline=cost[least],
        ratio=cost[most] / cost[least],
        detail={
            "what": "CPU time of our process for one job change, the org's time left out",
            "at job changes": {
                size: {
                    "ms CPU each": round(cost[size], 2),
                    "to the smallest": round(cost[size] / cost[least], 3),
                    "seconds each, to the smallest": round(pace[size] / pace[least], 3),
                    **run,
                }
                for size, run in runs.items()
            },
        },
    )
    yield Figure(
        "delivery_memory_growth",
        runs[most]["peak_mb"],
        "MB peak",
        baseline=runs[least]["peak_mb"],
        ratio=runs[most]["peak_mb"] / runs[least]["peak_mb"],
        detail={"at job changes": {size: run["peak_mb"] for size, run in runs.items()}},
    )


def _batch_run(folder: Path, size: int) -> Found:
    """Deliver one batch of this size to a fresh org."""
    from tests.rehearsal_server import rehearsal_running

    database = _sqlite(folder)
    with rehearsal_running(folder / "orgs") as rehearsal:
        step(database, "prepare", port=rehearsal.port, orgs={ORG: [size, 0]})
        return step(database, "deliver", port=rehearsal.port, org=ORG)


def _sqlite(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'bench.sqlite3'}"


def _postgresql(server: str, name: str) -> str:
    """A database of its own on the server; its address."""
    import psycopg

    before, _, socket = server.rpartition("/")[0].partition("@//")
    with psycopg.connect(
        host=f"/{unquote(socket)}", user="postgres", dbname="postgres", autocommit=True
    ) as link:
        link.execute(f'CREATE DATABASE "{name}"')
    return f"{before}@//{socket}/{name}"
