"""Text that a PDF can show: what no font here has is written by its number, and nothing vanishes.

The typesetter itself is asked: under PDF/UA it refuses what it has no glyph for.
"""

import re
import unicodedata
from functools import cache, lru_cache

import typst

# Letters of the fonts that the typesetter brings; everything else is tried.
_PLAIN = re.compile(r"[\n\x20-\x7e\xa0-\xac\xae-\u017f\u2013\u2014\u2018-\u201e\u2026]*")
# Joiners belong to the spelling of some scripts and to emoji.
_JOINERS = {"\u200c", "\u200d"}
_PROBE = (
    b'#set document(title: "-")\n'
    b'#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"))\n'
    b"#sys.inputs.text"
)


@cache
def fonts() -> typst.Fonts:
    """The fonts that come with the typesetter, and those of the machine for other scripts."""
    return typst.Fonts()


def printable(text: str) -> tuple[str, bool]:
    """The text with every character that cannot be shown as "[U+76F4]", and whether there was one.

    Characters that change how others read (direction overrides, controls) are written out, too:
    in a signed record nothing hides.
    """
    if _PLAIN.fullmatch(text):
        return text, False
    shown = "".join(
        one if _PLAIN.fullmatch(one) or _is_shown(one) else f"[U+{ord(one):04X}]" for one in text
    )
    return shown, shown != text


@lru_cache(maxsize=4096)
def _is_shown(character: str) -> bool:
    if character in _JOINERS:
        return True
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"}:
        return False
    if unicodedata.combining(character):
        # Beside a letter, as it stands in a name.
        character = f"a{character}"
    return compiles(character)


def compiles(text: str) -> bool:
    """Whether every glyph of the text is there."""
    try:
        typst.Compiler(font_paths=fonts()).compile(
            _PROBE, format="pdf", sys_inputs={"text": text}, pdf_standards="ua-1"
        )
    except typst.TypstError:
        return False
    return True
