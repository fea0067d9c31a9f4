"""Web addresses that are fit to be shown. Knows their parts; looks nothing up, fetches nothing."""

import ipaddress
import unicodedata
from typing import Any
from urllib.parse import SplitResult, urlsplit

_URL_LIMIT = 2_000
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs")
"""Unicode categories that no honest address holds: controls, format marks, surrogates, spaces."""


def safe_url(value: Any) -> str | None:
    """Return a web address fit to be shown and followed by a reader, else None.

    http or https; a public host, one that is not ASCII in its punycode form (so that look-alikes
    show); no user name, no control, format or space character.
    """
    if not isinstance(value, str) or len(value) > _URL_LIMIT:
        return None
    if any(unicodedata.category(letter) in _HIDDEN for letter in value):
        return None
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
        if parts.scheme.lower() not in ("http", "https") or not host or "@" in parts.netloc:
            return None
        # Encoded first: full-width digits become plain ones.
        ascii_host = host.encode("idna").decode("ascii") if not host.isascii() else host
        if is_private(ascii_host):
            return None
    except ValueError:
        return None
    netloc = f"[{ascii_host}]" if ":" in ascii_host else ascii_host
    netloc += f":{port}" if port is not None else ""
    clean_parts = SplitResult(parts.scheme.lower(), netloc, parts.path, parts.query, parts.fragment)
    return clean_parts.geturl()


def is_private(host: str) -> bool:
    """Return whether a host is this machine, a private network, or a number in disguise."""
    host = host.rstrip(".").lower()
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    last = host.rpartition(".")[2]
    # 2130706433 and 0x7f.1 are addresses to a browser: no public name ends in a number.
    if not last or last.isdigit() or last.startswith("0x"):
        return True
    return last in ("localhost", "local", "internal", "lan", "home", "corp") or "." not in host
