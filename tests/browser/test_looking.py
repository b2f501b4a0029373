"""What looks at the catalogue's pages sees what is wrong with one."""

import pytest
from django.http import HttpResponse

pytestmark = pytest.mark.browser

MOVES = """requestAnimationFrame(() => requestAnimationFrame(() => {
    const late = document.createElement("p");
    late.style.height = "300px";
    document.body.prepend(late);
}))"""
WRONG = f"""<!doctype html><html><head><title>Wrong</title><meta name="color-scheme"
content="light dark"></head><body><main><h1>Wrong</h1><p>{"words " * 7_000}</p>
<table><tr><td>{"x" * 200}</td></tr></table><img src="https://elsewhere.example/one.png">
<p style="color: #ddd; background: #fff">pale</p></main><script>{MOVES}</script></body></html>"""


class Says:
    """Answers every request alike."""

    def __init__(self, html, **headers):
        self.html, self.headers = html, headers

    def get(self, *_path, **_headers):
        return HttpResponse(self.html, headers=self.headers)


def test_everything_that_is_wrong_with_a_page_is_seen(looker):
    looker.look("wrong", Says(WRONG), "/")
    told = looker.told()
    for problem in (
        "axe html-has-lang",
        "axe image-alt",
        "axe color-contrast",
        "in dark: axe color-contrast",
        "wider than 320 px",
        "moves by",
        "from elsewhere: https://elsewhere.example/one.png",
        "bytes of HTML",
    ):
        assert problem in told, told


def test_what_the_content_policy_refuses_is_seen(looker):
    policy = {"Content-Security-Policy": "default-src 'self'; img-src 'self'"}
    looker.look("wrong", Says(WRONG, **policy), "/")
    told = looker.told()
    assert "policy: style-src-attr" in told
    assert "policy: script-src" in told


def test_a_page_that_is_right_is_right(looker):
    right = '<!doctype html><html lang="en"><head><title>Right</title></head>'
    looker.look("right", Says(f"{right}<body><main><h1>Right</h1></main></body></html>"), "/")
    assert looker.told() == ""
