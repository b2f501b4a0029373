"""What help there is, and which step shows which."""

from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise

from portal.help import texts_launch, texts_org, texts_production


@dataclass(frozen=True)
class Topic:
    """One text. `title` is the line that unfolds it; `body` is Markdown as delivered.

    `unfolded`: it is what the step consists of, so it stands open until the step is done or the
    org has said what is missing. `first`: it is read before the step's own button.
    """

    key: str
    title: str | Promise
    body: str | Promise
    unfolded: bool = False
    first: bool = False


@cache
def topics() -> dict[str, Topic]:
    """All topics by key, in the order of the journey."""
    listed = [
        Topic("package", *texts_org.PACKAGE, unfolded=True, first=True),
        Topic("sandbox.connect", *texts_org.SANDBOX_CONNECT),
        Topic("production.connect", *texts_production.CONNECT),
        Topic("permissions", *texts_org.PERMISSIONS, unfolded=True),
        Topic("settings", *texts_org.SETTINGS),
        Topic("layouts", *texts_org.LAYOUTS, unfolded=True),
        Topic("lead_conversion", *texts_org.LEAD_CONVERSION, unfolded=True),
        Topic("sandbox.test", *texts_org.TEST),
        Topic("mirror", *texts_production.MIRROR),
        Topic("production.settings", *texts_production.SETTINGS),
        Topic("people", *texts_production.PEOPLE),
        Topic("allow", *texts_production.ALLOW),
        Topic("production.test", *texts_production.TEST),
        Topic("go_live.sign_off", *texts_launch.SIGN_OFF),
        Topic("go_live.first_batch", *texts_launch.FIRST_BATCH),
    ]
    return {topic.key: topic for topic in listed}


def topic_of_step(key: str) -> Topic | None:
    """The step's own topic, else the one that both orgs share: `sandbox.layouts` → `layouts`."""
    known = topics()
    return known.get(key) or known.get(key.partition(".")[2])
