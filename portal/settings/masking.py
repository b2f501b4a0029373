"""What must not stand in a log, found in any text: tokens, codes, credentials, e-mail addresses.

Names cannot be told from other words: nothing here logs them, and the two places where a database
repeats a row in its error message are cut.
"""

import re

_NAMES = (
    r"access_token|refresh_token|id_token|sealed_token|client_secret|code_verifier"
    r"|assertion|password|passwd|secret_key|authorization|api_key"
)

# In this order: the longer shapes first, so that a shorter one does not leave half of them.
_MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    # A link to sign up, and one that switches a person's mails off.
    (re.compile(r"(/(?:signup|mail/unsubscribe)/)[^/?\s\"']+"), r"\1[removed]"),
    # ?code=… of an OAuth callback and the like; 'code=… where the query stands by itself.
    (
        re.compile(
            rf"([?&'\"](?:code|state|token|sid|key|session|{_NAMES})=)[^&\s\"'<>]+",
            re.IGNORECASE,
        ),
        r"\1[removed]",
    ),
    # Authorization: Bearer …
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._!~+/=-]{6,}", re.IGNORECASE), r"\1 [removed]"),
    (re.compile(r"\b(OAuth)\s+[A-Za-z0-9._!~+/=-]{20,}"), r"\1 [removed]"),
    # 'access_token': '…', access_token=…, in a repr or a form body.
    (
        re.compile(
            rf"(\b(?:{_NAMES})[\\\"']*\s*[:=]\s*[\\\"']*)[^\s\\\"',;&}})\]]+", re.IGNORECASE
        ),
        r"\1[removed]",
    ),
    # Salesforce session ids and access tokens: the org's id, an exclamation mark, the secret.
    (re.compile(r"\b00D[A-Za-z0-9]{3,15}(?:!|%21)[A-Za-z0-9._%-]+"), "[token]"),
    # Salesforce refresh tokens and consumer keys.
    (re.compile(r"\b(?:5Aep|3MVG)[A-Za-z0-9._!-]{12,}"), "[token]"),
    # Signed tokens (id tokens), and what our own key list encrypted.
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,2}"), "[token]"),
    (re.compile(r"\bgAAAAA[A-Za-z0-9_=-]{20,}"), "[token]"),
    # user:password@ of a database, broker or mail server.
    (re.compile(r"(\w://)[^\s/@\"']+@"), r"\1[removed]@"),
    # PostgreSQL repeats the row, or the key, that it refused.
    (re.compile(r"(Failing row contains ).*"), r"\1[removed]"),
    (re.compile(r"(Key \([^)]*\)=).*?(?= (?:already exists|is not present|is still referenced)|$)",
                re.MULTILINE), r"\1[removed]"),
    (
        re.compile(r"[\w.!#$%&*+/=?^`{|}~-]+@(?:[\w-]+\.)+[\w-]{2,}"),
        "[email]",
    ),
)  # fmt: skip


def text_mask(text: str) -> str:
    """The text without what must not be logged; the rest as it was."""
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return text
