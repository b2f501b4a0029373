"""Every word of a page or a mail is marked for translation."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NAMES = {"UserGems", "Salesforce", "CSV", "PDF", "JSON", "UTC", "ID", "kB"}
# What a person reads although it stands in an attribute.
SPOKEN = re.compile(
    r'\b(?:aria-label|aria-description|alt|placeholder|title|data-confirm[\w-]*)="([^"]*)"'
)
_COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", re.S)
_MARKED = re.compile(r"\{% blocktranslate\b.*?%\}.*?\{% endblocktranslate %\}", re.S)
# Classes of Django's own admin, not words.
_CLASSES = re.compile(r"\{% block (bodyclass|coltype) %\}.*?\{% endblock[^%]*%\}", re.S)
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.S)
_CODE = re.compile(r"<(script|style|code)\b.*?</\1>", re.S)
_HTML = re.compile(r"</?[a-zA-Z!](?:[^<>\"]|\"[^\"]*\")*>", re.S)
_ENTITY = re.compile(r"&#?\w+;")
_WORD = re.compile(r"[^\W\d_]{2,}")


def bare_words(source: str, *, html: bool) -> list[str]:
    """Words that no translation would reach."""
    text = _TAG.sub("", _MARKED.sub("", _CLASSES.sub("", _COMMENT.sub("", source))))
    spoken: list[str] = []
    if html:
        text = _CODE.sub("", text)
        spoken = [found for tag in _HTML.findall(text) for found in SPOKEN.findall(tag)]
        text = _HTML.sub(" ", text)
    words = _WORD.findall(_ENTITY.sub("", " ".join([text, *spoken])))
    return [word for word in words if word not in NAMES]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<a aria-label="Go on">›</a>', ["Go", "on"]),
        ('<p class="a > b">{% translate "Hello" %}</p>', []),
        ("{% blocktranslate %}Hello <b>you</b>{% endblocktranslate %}&nbsp;", []),
        ("{# said nowhere #}{{ name|default:'x' }}", []),
    ],
)
def test_the_search_finds_what_is_not_marked(source, found):
    assert bare_words(source, html=True) == found


def test_no_template_says_anything_that_is_not_marked():
    said = {
        str(path.relative_to(TEMPLATES)): words
        for path in sorted(TEMPLATES.rglob("*"))
        if path.suffix in {".html", ".txt"}
        and (words := bare_words(path.read_text(), html=path.suffix == ".html"))
    }
    assert said == {}
