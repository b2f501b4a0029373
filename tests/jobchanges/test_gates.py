"""The questions that the delivery asks upwards: every receiver has a say."""

import pytest
from django.dispatch import Signal

from jobchanges.gates import gate_reason


@pytest.fixture
def gate():
    return Signal()


def says(gate, words):
    gate.connect(lambda **_asked: words, weak=False)


def test_a_gate_that_nobody_watches_is_open(gate):
    assert gate_reason(gate) == ""


@pytest.mark.parametrize("answers", [("", "Not now."), ("Not now.", ""), (None, "", "Not now.")])
def test_rule_1_one_no_is_enough_whoever_says_it(gate, answers):
    for words in answers:
        says(gate, words)
    assert gate_reason(gate) == "Not now."


def test_rule_1_who_could_not_be_asked_did_not_agree(gate):
    def broken(**_asked):
        raise ZeroDivisionError

    gate.connect(broken, weak=False)
    with pytest.raises(ZeroDivisionError):
        gate_reason(gate)
