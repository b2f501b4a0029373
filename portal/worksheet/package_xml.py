"""`package.xml`: the worksheet's components for tools that retrieve and deploy metadata."""

import re
from collections.abc import Iterable
from itertools import groupby
from xml.sax.saxutils import escape

_NAMESPACE = "http://soap.sforce.com/2006/04/metadata"

# What XML 1.0 has no way to write, not even as a reference (its production 2, Char).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def package_xml(components: Iterable[tuple[str, str]], *, version: str) -> str:
    """The manifest of these (metadata type, name), types and names sorted, each once.

    `version` is the API version ("66.0"). Names are written as they are: the Metadata API's own
    spelling, such as `Lead-Lead %28Sales%29 Layout`. Source: Metadata API Developer Guide, Sample
    package.xml Manifest Files.
    """
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<Package xmlns="{_NAMESPACE}">']
    for metadata, pairs in groupby(sorted(set(components)), key=lambda pair: pair[0]):
        lines.append("    <types>")
        lines += [f"        <members>{_text(name)}</members>" for _type, name in pairs]
        lines.append(f"        <name>{_text(metadata)}</name>")
        lines.append("    </types>")
    lines += [f"    <version>{escape(version)}</version>", "</Package>", ""]
    return "\n".join(lines)


def _text(words: str) -> str:
    return escape(_NOT_XML.sub("", words))
