"""Help texts are Markdown: paragraphs, lists, bold words and links; nothing else becomes HTML.

A link `[Page Layouts](setup:page_layouts:Contact)` leads to that page of Setup in the reader's own
org; where no org is connected only its words are shown.
"""

from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

from integrations.salesforce import setup_links

SCHEME = "setup"
# Names that a text may use, as `setup:NAME` or `setup:NAME:Object`.
SETUP_PAGES = {
    name.lower(): value
    for name, value in vars(setup_links).items()
    if name.isupper() and name[0] != "_"
    if isinstance(value, str) and value.startswith("/lightning/setup/")
}
LONGEST = 8000


class HelpTextError(Exception):
    """Why a text cannot be kept; `sentences` are for whoever wrote it."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = sentences
        super().__init__(" ".join(sentences))


@cache
def _markdown() -> MarkdownIt:
    # "zero" knows plain paragraphs alone: no HTML, no pictures, no headings.
    return MarkdownIt("zero").enable(["list", "emphasis", "link", "backticks", "escape"])


def help_html(text: str, instance_url: str = "") -> SafeString:
    """The text as HTML. `instance_url`: the org whose Setup the links lead to; "" for none.

    Links leave the portal in a new tab. A link to anything but https or Setup keeps its words only.
    """
    tokens = _markdown().parse(text)
    for token in tokens:
        if token.children:
            token.children = list(_with_links(token.children, instance_url))
    # The library escapes everything that is not one of its own tags.
    return mark_safe(_markdown().renderer.render(tokens, _markdown().options, {}))  # noqa: S308


def help_check(text: str) -> None:
    """Raises HelpTextError for what would not work: too long, a link that leads nowhere."""
    sentences = []
    if not text.strip():
        sentences.append(_("Write something, or put the delivered text back."))
    if len(text) > LONGEST:
        sentences.append(
            _("The text has %(length)d characters; %(longest)d is the most.")
            % {"length": len(text), "longest": LONGEST}
        )
    for address in _addresses(text):
        if not _target(address, "https://org.example"):
            sentences.append(
                _(
                    "The link “%(address)s” leads nowhere. Use an address that begins with "
                    "https://, or a page of Setup such as setup:page_layouts:Contact."
                )
                % {"address": address[:100]}
            )
    if sentences:
        raise HelpTextError(sentences)


def _addresses(text: str) -> list[str]:
    return [
        str(child.attrGet("href"))
        for token in _markdown().parse(text)
        for child in token.children or []
        if child.type == "link_open"
    ]


def _with_links(tokens: list[Token], instance_url: str) -> Iterator[Token]:
    """The tokens with every link resolved, or taken away around its words."""
    kept: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            target = _target(str(token.attrGet("href")), instance_url)
            kept.append(bool(target))
            if not target:
                continue
            token.attrs = {"href": target, "target": "_blank", "rel": "noopener noreferrer"}
        elif token.type == "link_close":
            if not kept.pop():
                continue
            said = escape(_("(new tab)"))
            hidden = f'<span class="visually-hidden"> {said}</span>'
            yield Token("html_inline", "", 0, content=hidden)
        yield token


def _target(address: str, instance_url: str) -> str:
    """Where a link leads; "" when it leads nowhere."""
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.netloc:
        return address
    if parts.scheme != SCHEME:
        return ""
    name, _colon, object_name = parts.path.partition(":")
    template = SETUP_PAGES.get(name)
    if template is None:
        return ""
    return setup_links.setup_url(instance_url, setup_links.setup_path(template, object_name))
