"""The address of a database: told from a folder, and shown without its password.

Knows nothing of connections or of what a database holds.
"""

from urllib.parse import unquote

_PREFIXES = ("postgresql://", "postgres://")


def is_database(location: str) -> bool:
    """Whether a location names a database and not a folder."""
    return location.startswith(_PREFIXES)


def shown_address(location: str) -> str:
    """The address without password and options."""
    rest = location.partition("://")[2]
    authority, _, tail = rest.partition("?")[0].partition("/")
    user, at, host = authority.rpartition("@")
    return f"postgresql://{user.partition(':')[0]}{at}{host}/{tail}"


def without_secrets(text: str, location: str) -> str:
    """A text in which neither the address nor a password in it is left."""
    rest = location.partition("://")[2]
    user = rest.partition("?")[0].rpartition("@")[0]
    secrets = [user.partition(":")[2]]
    for option in rest.partition("?")[2].split("&"):
        name, _, value = option.partition("=")
        if "pass" in name:
            secrets.append(value)
    found = {form for secret in secrets if secret for form in (secret, unquote(secret))}
    for secret in [location, *sorted(found, key=len, reverse=True)]:
        text = text.replace(secret, "***")
    return text
