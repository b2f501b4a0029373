"""Names of components as the Metadata API and change sets spell them."""

from urllib.parse import quote

# Kept as they are in a layout's name, beside letters and digits of any script.
_KEPT = " -_*"


def layout_name(object_name: str, layout: str) -> str:
    """`Lead-Lead %28Sales%29 Layout`: other signs are percent-encoded, dots and `__` too.

    Rule read off a layout named with every sign (forcedotcom/cli, issue 2869).
    """
    encoded = "".join(
        sign if sign.isalnum() or sign in _KEPT else _encoded(sign) for sign in layout
    )
    return f"{object_name}-{encoded.replace('__', '%5F%5F')}"


def _encoded(sign: str) -> str:
    return {".": "%2E", "~": "%7E"}.get(sign) or quote(sign, safe="")
