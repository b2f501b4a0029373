"""REST resources that read: versions, describe, limits, queries."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from integrations.rehearsal import describe, ids
from integrations.rehearsal.calls import Call, Reply, route
from integrations.rehearsal.config import VERSIONS
from integrations.rehearsal.errors import not_found, refuse
from integrations.rehearsal.report_calls import MOST, runs_left
from integrations.rehearsal.setup.rows import Rows
from integrations.rehearsal.soql_show import LARGEST_PAGE, answer, attributes, next_page
from integrations.rehearsal.values import read

RESOURCES = [
    "tooling",
    "metadata",
    "eclair",
    "folders",
    "chatter",
    "tabs",
    "appMenu",
    "quickActions",
    "queryAll",
    "commerce",
    "wave",
    "iot",
    "analytics",
    "search",
    "identity",
    "composite",
    "parameterizedSearch",
    "theme",
    "nouns",
    "event",
    "serviceTemplates",
    "connect",
    "licensing",
    "limits",
    "process",
    "dedupe",
    "async-queries",
    "query",
    "jobs",
    "localizedvalue",
    "mobile",
    "emailConnect",
    "consent",
    "tokenizer",
    "compactLayouts",
    "knowledgeManagement",
    "actions",
    "support",
    "sobjects",
]
FREE_LIMITS = {
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyDurableStreamingApiEvents": 10_000,
    "DailyGenericStreamingApiEvents": 10_000,
    "DailyStandardVolumePlatformEvents": 10_000,
    "DailyStreamingApiEvents": 10_000,
    "DailyWorkflowEmails": 1_000,
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentSyncReportRuns": 20,
    "HourlyTimeBasedWorkflow": 1_000,
    "MassEmail": 5_000,
    "SingleEmail": 5_000,
}


def versions(offered: Sequence[str] = ()) -> list[dict[str, str]]:
    """`GET /services/data/`: needs no token and costs nothing. An org may offer some only."""
    return [
        {"label": label, "url": f"/services/data/v{version}", "version": version}
        for label, version in VERSIONS
        if not offered or version in offered
    ]


@route("/", "GET")
def resources(call: Call) -> Reply:
    """What this version offers."""
    base = f"/services/data/v{call.version}"
    found = {name: f"{base}/{name}" for name in RESOURCES}
    org_id = call.access.org.config.org_id
    found["identity"] = f"{call.access.org.login_url}/id/{org_id}/{call.access.user['Id']}"
    return Reply(200, found)


@route("/limits", "GET")
def limits(call: Call) -> Reply:
    """Allowances of the org; the API counter is real, the rest stands untouched."""
    org = call.access.org
    found: dict[str, Any] = {
        "DailyApiRequests": {
            "Max": org.config.daily_requests,
            "Remaining": max(0, org.config.daily_requests - org.calls_used),
        },
        **{name: {"Max": most, "Remaining": most} for name, most in FREE_LIMITS.items()},
        **{
            f"Hourly{kind.capitalize()}ReportRuns": {
                "Max": most,
                "Remaining": runs_left(call.access, kind),
            }
            for kind, most in MOST.items()
        },
        "PermissionSets": {
            "Max": 1500,
            "Remaining": 1498,
            "CreateCustom": {"Max": 1000, "Remaining": 998},
        },
    }
    if "ViewSetup" in call.access.permissions:
        storage = org.config.storage_mb
        left = 0 if org.config.storage_full else storage - min(12, storage // 4)
        found["DataStorageMB"] = {"Max": storage, "Remaining": left}
        found["FileStorageMB"] = {"Max": storage, "Remaining": storage - 1}
    return Reply(200, dict(sorted(found.items())))


@route("/limits/recordCount", "GET")
def record_count(call: Call) -> Reply:
    """Rough counts; an object without rows is left out."""
    wanted = [name.strip() for name in call.query.get("sObjects", "").split(",") if name.strip()]
    known = [found for name in wanted if (found := call.access.sobject(name))]
    counts = []
    for sobject in known or ([] if wanted else call.access.sobjects()):
        rows = call.access.org.space.rows(sobject.name)
        count = sum(1 for row in rows if not row.get("IsDeleted"))
        if count:
            counts.append({"count": count, "name": sobject.name})
    return Reply(200, {"sObjects": counts})


@route("/sobjects", "GET")
def global_describe(call: Call) -> Reply:
    """Every object the user knows."""
    return _unless_unchanged(call, lambda: describe.global_describe(call.access, call.version))


@route("/sobjects/<name>/describe", "GET")
def full_describe(call: Call, name: str) -> Reply:
    """A describe; the date of its last change is when the package was installed."""
    sobject = call.sobject(name)
    return _unless_unchanged(
        call, lambda: describe.full_describe(call.access, sobject, call.version)
    )


def _unless_unchanged(call: Call, make: Callable[[], Any]) -> Reply:
    """304 without a body if nothing changed since the caller's `If-Modified-Since`."""
    package = call.access.org.package
    changed = package["installed_at"] if package else call.access.org.config.created
    tag = f'"{zlib.crc32(changed.encode()):08x}"'
    headers = {"ETag": tag, "Last-Modified": http_date(changed)}
    try:
        since = parsedate_to_datetime(call.header("If-Modified-Since"))
        known = since >= datetime.fromisoformat(changed).replace(microsecond=0)
    except (ValueError, TypeError):
        known = False
    return Reply(304, None, headers) if known else Reply(200, make(), headers)


def http_date(moment: str) -> str:
    """A stored time in the form HTTP headers have."""
    return format_datetime(datetime.fromisoformat(moment).astimezone(UTC), usegmt=True)


@route("/query", "GET")
def query(call: Call) -> Reply:
    """The first page of a query."""
    return _query(call)


@route("/queryAll", "GET")
def query_all(call: Call) -> Reply:
    """As query, with deleted records."""
    return _query(call, deleted=True)


@route("/tooling/query", "GET")
def tooling_query(call: Call) -> Reply:
    """Set-up objects; needs the right behind each."""
    return _query(call, tooling=True)


@route("/query/<locator>", "GET")
@route("/queryAll/<locator>", "GET")
@route("/tooling/query/<locator>", "GET")
def query_more(call: Call, locator: str) -> Reply:
    """A later page."""
    return Reply(200, next_page(call.access, locator, call.version, call.cursors))


@route("/tooling/sobjects/<name>/<key>", "GET")
def tooling_record(call: Call, name: str, key: str) -> Reply:
    """One set-up object whole, `Metadata` and all."""
    sobject = call.access.sobject(name, tooling=True)
    row = Rows(call.access).get(sobject.name, ids.to18(key) or key) if sobject else None
    if sobject is None or row is None:
        raise not_found()
    body: dict[str, Any] = {"attributes": attributes(sobject, key, call.version, tooling=True)}
    for field in sobject.fields:
        value = read(call.access.org.space, sobject, field, row)
        body[field.name] = value() if callable(value) else value
    return Reply(200, body)


def _query(call: Call, **how: bool) -> Reply:
    text = call.query.get("q")
    if not text:
        raise refuse("MALFORMED_QUERY", "A query string has to be specified")
    return Reply(200, answer(call.access, text, call.version, call.cursors, page_size(call), **how))


def page_size(call: Call) -> int:
    """`Sforce-Query-Options: batchSize=…`, a wish between 200 and 2,000."""
    for part in call.header("Sforce-Query-Options").split(","):
        name, _, value = part.partition("=")
        if name.strip().lower() == "batchsize" and value.strip().isdecimal():
            return int(value.strip()[:6])
    return LARGEST_PAGE
