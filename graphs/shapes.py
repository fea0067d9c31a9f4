"""What secrets look like: by themselves, and by the name that stands beside them.

Knows patterns only; `graphs.redact` takes out what they find. A pattern that is changed is another
redaction: keys of older traces that hold what it finds no longer fit.
"""

import re
from dataclasses import dataclass

_NAMES = (
    r"(?:x[_-])?api[_-]?key|secret|secret[_-]?(?:access[_-]?)?key|private[_-]?key|access[_-]?key"
    r"|client[_-]?secret|(?:access|auth|refresh|session|id|bearer)?[_-]?token|password|passwd|pwd"
    r"|passphrase|credentials?"
)
SECRET_NAME = re.compile(
    rf"(?:.*[_-])?(?:{_NAMES})|(?:proxy-)?authorization|(?:set-)?cookie", re.IGNORECASE
)


@dataclass(frozen=True)
class Rule:
    """A shape of secret. Where the pattern has a group, only that part is replaced."""

    kind: str
    hints: tuple[str, ...]
    """One of these stands in the text in lower case, or the pattern is not tried."""
    pattern: re.Pattern[str]


def _rule(kind: str, hints: str, pattern: str, flags: int = 0) -> Rule:
    return Rule(kind, tuple(hints.split()), re.compile(pattern, flags))


# What stands before may be the end of an escape: `\nsk-` in a JSON text, `%20sk-` in a URL.
_ESCAPED = r"(?<=\\[nrtbf])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})"
_START = rf"(?:(?<![A-Za-z0-9_])|{_ESCAPED})"
_WORD = rf"(?:(?<![A-Za-z])|{_ESCAPED})"

# Shapes that are plain by themselves come first: a partial quote of one is still recognised. The
# ones that need a name beside them ask more of the value, so that prose ("Token: 15-minute
# expiry") stays as it was written. Every repetition that may fail after it is bounded, so that no
# text takes more than linear time.
RULES = (
    _rule(
        "pem",
        "-----begin",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        re.DOTALL,
    ),
    _rule("sk", "sk-", _START + r"sk-(?=[A-Za-z_-]{0,200}[0-9])[A-Za-z0-9_-]{16,}"),
    _rule("tvly", "tvly-", _START + r"tvly-[A-Za-z0-9_-]{8,}"),
    _rule(
        "jwt",
        "eyj",
        _START + r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",
    ),
    _rule(
        "aws",
        "akia asia",
        r"(?:(?<![A-Z0-9])|(?<=%[0-9A-F]{2}))(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])",
    ),
    _rule("github", "ghp_ gho_ ghu_ ghs_ ghr_", _START + r"gh[pousr]_[A-Za-z0-9]{20,}"),
    _rule("github", "github_pat_", _START + r"github_pat_[A-Za-z0-9_]{20,}"),
    _rule("slack", "xox", _START + r"xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    _rule("google", "aiza", _START + r"AIza[0-9A-Za-z_-]{30,}"),
    _rule("hf", "hf_", _START + r"hf_[A-Za-z0-9]{20,}"),
    # base64 of "sk-", "tvly-" and "Bearer "
    _rule(
        "base",
        "c2st dhzses qmvhcmvy",
        _START + r"(?:c2st|dHZseS|QmVhcmVy)[A-Za-z0-9+/_-]{16,}={0,2}",
    ),
    _rule("userinfo", "://", r"(?<=://)([^\s/@:\[\]\"']{0,300}:[^\s/@\[\]\"']{1,300})(?=@)"),
    _rule(
        "auth",
        "bearer",
        _START + r"bearer(?:\s|%20)+((?=[A-Za-z._~+/=-]{0,200}[0-9])[A-Za-z0-9._~+/=-]{12,})",
        re.IGNORECASE,
    ),
    _rule(
        "auth",
        "authorization",
        r"authorization\\?[\"']?\s*[:=]\s*\\?[\"']?"
        r"(?:(?:bearer|basic|token)\s+)?([A-Za-z0-9._~+/=-]{12,})",
        re.IGNORECASE,
    ),
    _rule(
        "cookie",
        "cookie",
        _START + r"cookie:\s*([\w.-]{1,80}=[^\s;\[\"\\]+"
        r"(?:;\s*[\w.-]{1,80}(?:=[^\s;\[\"\\]*)?){0,50})",
        re.IGNORECASE,
    ),
    # "password": "...", also when the JSON is itself inside a JSON string
    _rule(
        "value",
        "key secret token pass pwd credential",
        rf"\\?[\"'](?:[\w-]{{0,80}}[_-])?(?:{_NAMES})\\?[\"']\s*:\s*\\?[\"']([^\"'\\\[][^\"'\\]*)",
        re.IGNORECASE,
    ),
    _rule(
        "value",
        "key secret token pass pwd credential",
        rf"{_WORD}(?:{_NAMES})\s*(?:=|%3d)\s*[\"']?([^\s\"'&,;<>\[\](){{}}\\]{{6,}})",
        re.IGNORECASE,
    ),
    _rule(
        "value",
        "key secret token pass pwd credential",
        rf"{_WORD}(?:{_NAMES})\s*:\s*"
        r"((?=[^\s\"'&,;]{0,200}[0-9])(?=[^\s\"'&,;]{0,200}[A-Za-z])[^\s\"'&,;<>\[\](){}\\]{16,})",
        re.IGNORECASE,
    ),
)


HINTS = tuple(dict.fromkeys(hint for rule in RULES for hint in rule.hints))
