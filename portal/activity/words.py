"""Finding events by words that a reader sees, though the log holds none of them.

Sentences, names, titles of steps and questions of checks live in the code and in other tables:
a word is looked for there first, and the events that would show it are asked for by id.
"""

import re
from collections.abc import Mapping

from django.db.models import Q

from accounts.models import Customer, Environment, Event, Membership
from integrations.checks.registry import checks_for
from jobchanges.models import JobChange
from portal.steps import steps_for
from portal.wording import ROLES, SENTENCES, VERDICTS

_PLACE = re.compile(r"%\(\w+\)s")
_NUMBER = re.compile(r"\d{1,6}")
# More people of one name than this are not told apart by a search.
MOST_PEOPLE = 100


def word_matches(word: str, *, customer: Customer | None) -> Q:
    """Events whose line shows the word. `customer`: whose they are; None for several customers'.

    People of job changes are looked for in one customer only: over all of them it would be a
    search through every row there is.
    """
    wanted = word.casefold()
    found = Q(actor__full_name__icontains=word) | Q(actor__email__istartswith=word)
    found |= Q(action__in=[action for action in SENTENCES if wanted in _sentence(action)])
    found |= Q(environment__in=_holding({name: name for name in Environment.values}, wanted))
    found |= Q(data__verdict__in=_holding(VERDICTS, wanted))
    found |= Q(data__role__in=_holding(ROLES, wanted), action="membership.role_changed")
    found |= Q(action__startswith="step.", data__step__in=_steps(wanted))
    found |= Q(action__startswith="point.", data__check__in=_checks(wanted))
    if wanted in "usergems":
        found |= Q(side="vendor")
    if wanted in "the portal":
        found |= Q(actor=None, side="system")
    if len(word) in {15, 18}:
        found |= Q(org_id__startswith=word[:15])
    if _NUMBER.fullmatch(word):
        found |= Q(data__number=int(word))
    memberships = Membership.objects.filter(user__full_name__icontains=word)
    if customer is None:
        return found | Q(customer__name__icontains=word)
    memberships = memberships.filter(customer=customer)
    found |= Q(
        action__startswith="membership.",
        data__membership__in=list(memberships.values_list("pk", flat=True)[:MOST_PEOPLE]),
    )
    return found | Q(data__delivery__in=_deliveries(word, customer))


def _sentence(action: str) -> str:
    """The fixed words of a sentence, in each of its forms."""
    sentence = SENTENCES[action]
    if action == "deliveries.answered":
        blank = dict.fromkeys(("who", "org"), "")
        return " ".join(str(sentence % (blank | {"count": n})) for n in (1, 2)).casefold()
    return _PLACE.sub(" ", str(sentence)).casefold()


def _holding(words: Mapping[str, object], wanted: str) -> list[str]:
    return [name for name, word in words.items() if wanted in str(word).casefold()]


def _steps(wanted: str) -> list[str]:
    return [
        step.key
        for path in ("sandbox_first", "production_only")
        for stage in steps_for(path)
        for step in stage.steps
        if wanted in step.title.casefold()
    ]


def _checks(wanted: str) -> list[str]:
    return [
        check.name
        for environment in Environment.values
        for check in checks_for(environment)
        if wanted in str(check.question).casefold()
    ]


def _deliveries(word: str, customer: Customer) -> list[str]:
    """What the log calls the job changes of people with this word in their name."""
    people = JobChange.objects.filter(
        Q(first_name__icontains=word) | Q(last_name__icontains=word), customer=customer
    )
    keys = list(people.values_list("key", flat=True)[:MOST_PEOPLE])
    orgs = Event.objects.filter(customer=customer).exclude(org_id="").order_by()
    org_ids = list(orgs.values_list("org_id", flat=True).distinct()) if keys else []
    return [f"{key}:{org_id}" for key in keys for org_id in org_ids]
