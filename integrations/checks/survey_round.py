"""The questions of one survey: each is asked once, packed into few calls, its answer remembered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.checks.answers import CannotAsk
from integrations.checks.base import CheckContext
from integrations.salesforce.client import Org
from integrations.salesforce.errors import ConnectionLost, LimitReached, SalesforceError
from integrations.salesforce.shapes import NOT_READABLE
from integrations.salesforce.together import Read, Reply, packed

# Calls in a row that got no answer as a whole: then the org is not asked further.
MOST_FAILURES = 2
# Nor after so long: an org that is slow each time keeps a worker from other customers' orgs.
MOST_SECONDS = 300.0
# In the order in which they are asked; "" is a call of its own.
_LANES = ("rest", "tooling", "slow", "")


@dataclass(frozen=True)
class Question:
    """One question by a key of its own.

    `read` goes together with others into one call; `alone` is a call of its own. `instead` is
    asked where the org does not know a column of the first.
    """

    key: str
    read: Read | None = None
    alone: Callable[[Org], Any] | None = None
    instead: Read | None = None

    @classmethod
    def query(cls, key: str, soql: str, *, instead: str = "", tooling: bool = False) -> Question:
        """A query that is packed with others."""
        other = Read.query(instead, tooling=tooling) if instead else None
        return cls(key, Read.query(soql, tooling=tooling), instead=other)


Questions = Iterator[Question]


class Round:
    """What was asked of one org, and what it answered. Not for several threads.

    `before_call` is told before each call; what it raises ends the round.
    """

    def __init__(
        self, org: Org, context: CheckContext, *, user_id: str, before_call: Callable[[], None]
    ) -> None:
        self.org = org
        self.context = context
        self.user_id = user_id
        self._before_call = before_call
        self._replies: dict[str, Reply] = {}
        self._failures = 0
        self._began: float | None = None
        # Why the org is not asked any further; None while it answers.
        self.dead: SalesforceError | None = None
        # Whether it answered anything at all.
        self.answered = False

    # --- asking -------------------------------------------------------------------------------

    def settle(self, wanted: Callable[[], Iterable[Question]]) -> Iterator[None]:
        """Ask until all these questions are answered; one may bring up others. Comes back after
        each call. Raises nothing of Salesforce's.
        """
        while pending := self.pending(wanted()):
            if self.dead is not None:
                for question in pending:
                    self._replies[question.key] = Reply(error=self.dead)
            elif pending[0].alone is not None:
                self._ask_alone(pending[0], pending[0].alone)
            else:
                self._ask_together([one for one in pending if one.read is not None])
            yield

    def pending(self, questions: Iterable[Question]) -> list[Question]:
        """What has no answer yet, each once: packed questions first, so that one that hangs on
        the answer of another still finds a place in a later call.
        """
        found = {one.key: one for one in questions if one.key not in self._replies}
        return sorted(
            found.values(), key=lambda one: _LANES.index(one.read.lane if one.read else "")
        )

    def _ask_together(self, pending: Sequence[Question]) -> None:
        reads = [one.read for one in pending if one.read is not None]
        places = packed(reads)
        asked = [pending[place] for place in places]
        replies = self._call(lambda: self.org.read_together([reads[place] for place in places]))
        if isinstance(replies, SalesforceError):
            replies = [Reply(error=replies)] * len(asked)
        for question, reply in zip(asked, replies, strict=True):
            self._replies[question.key] = reply
        self._ask_instead([one for one in asked if self._wants_other(one)])

    def _wants_other(self, question: Question) -> bool:
        error = self._replies[question.key].error
        return question.instead is not None and error is not None and error.code == "INVALID_FIELD"

    def _ask_instead(self, questions: Sequence[Question]) -> None:
        if questions:
            self._forget(questions)
            self._ask_together([Question(one.key, one.instead) for one in questions])

    def _forget(self, questions: Sequence[Question]) -> None:
        for question in questions:
            del self._replies[question.key]

    def _ask_alone(self, question: Question, ask: Callable[[Org], Any]) -> None:
        answer = self._call(lambda: ask(self.org))
        refused = isinstance(answer, SalesforceError)
        self._replies[question.key] = Reply(error=answer) if refused else Reply(answer)

    def _call(self, call: Callable[[], Any]) -> Any:
        """What the call returns, or the SalesforceError it raised."""
        if self._began is None:
            self._began = time.monotonic()
        if time.monotonic() - self._began > MOST_SECONDS:
            self.dead = SalesforceError("NO_ANSWER", detail="the round took too long")
            return self.dead
        self._before_call()
        try:
            answer = call()
        except SalesforceError as error:
            if error.code not in NOT_READABLE:
                self._failures += 1
            if isinstance(error, ConnectionLost | LimitReached) or self._failures == MOST_FAILURES:
                self.dead = error
            return error
        self._failures = 0
        self.answered = True
        return answer

    # --- what was answered --------------------------------------------------------------------

    def settled(self, *keys: str) -> bool:
        """Whether all these were asked, whatever came of it."""
        return all(key in self._replies for key in keys)

    def refused(self, key: str) -> bool:
        """Whether the org answered, and would not tell this user."""
        reply = self._replies.get(key)
        return reply is not None and reply.error is not None and reply.error.code in NOT_READABLE

    def known(self, key: str) -> bool:
        """Whether that was asked and answered, not refused."""
        reply = self._replies.get(key)
        return reply is not None and reply.error is None

    def body(self, key: str) -> Any:
        """The answer. Raises SalesforceError where it was refused."""
        reply = self._replies[key]
        if reply.error is not None:
            raise reply.error
        return reply.body

    def rows(self, key: str, right: str) -> list[dict[str, Any]]:
        """The answer to a query that needs this right; CannotAsk without it."""
        return list(self.allowed(key, right))

    def allowed(self, key: str, right: str) -> Any:
        """The answer to a question that needs this right; CannotAsk without it."""
        try:
            return self.body(key)
        except SalesforceError as error:
            if error.code in NOT_READABLE:
                raise CannotAsk(right) from error
            raise

    def or_none(self, key: str) -> Any:
        """The answer; None where the user may not ask that."""
        try:
            return self.body(key)
        except SalesforceError as error:
            if error.code in NOT_READABLE:
                return None
            raise
