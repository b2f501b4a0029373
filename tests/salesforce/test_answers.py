"""JSON of an answer: what is no JSON, too deep or no number is refused, bad signs are taken out."""

import pytest

from integrations.salesforce.answers import DEEPEST, json_checked, json_read


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_what_is_no_number_makes_the_answer_unreadable(text):
    for body in (text, f'{{"a": [{text}]}}', f"[{text}]".encode()):
        with pytest.raises(ValueError, match=r"no number|too large"):
            json_read(body)


def test_a_value_that_was_read_by_somebody_else_is_held_to_the_same():
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="no number"):
            json_checked({"a": [value]})


@pytest.mark.parametrize("body", ["", "{", "<html>", '{"a":1}}', "undefined"])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(ValueError, match=r"."):
        json_read(body)


def nested(levels: int, opening: str, closing: str) -> str:
    return opening * levels + "0" + closing * levels


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_an_answer_is_read_down_to_a_depth_and_no_further(opening, closing):
    assert json_read(nested(DEEPEST, opening, closing))
    for levels in (DEEPEST + 1, 900, 200_000):
        with pytest.raises(ValueError, match="too deeply"):
            json_read(nested(levels, opening, closing))


def test_signs_that_no_database_takes_are_taken_out_wherever_they_stand():
    assert json_read('"a\\u0000b\\ud800"') == "ab\ufffd"
    assert json_read('{"k\\u0000": ["x\\udfff", {"a\\ud800": "\\u0000"}]}') == {
        "k": ["x\ufffd", {"a\ufffd": ""}]
    }


def test_whole_signs_and_bytes_that_are_no_utf_8_can_be_read():
    assert json_read('"\\ud83d\\ude00 é"') == "😀 é"
    assert json_read(b'"caf\xe9"') == "caf\ufffd"
