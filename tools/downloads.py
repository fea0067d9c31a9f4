"""One file fetched from an address that the user gave, kept only when its checksum is right.

Knows nothing of what is in it. Loaded when something is fetched, for it brings an HTTP stack.
"""

import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

import httpx  # noqa: TID251 (fetching what a user names is one of the places that speak HTTP)

from .addresses import is_private
from .errors import SettingsError

_PATIENCE = 30.0
"""Seconds without a byte."""


def download(address: str, path: Path, checksum: str, largest: int) -> None:
    """Write what is at `address` to `path` when its SHA-256 is `checksum`; all or nothing.

    Redirects are followed (the checksum says whether it is the right file); at most `largest` bytes
    are read. Raises `SettingsError`.
    """
    host = urlsplit(address).hostname or ""
    digest, size = hashlib.sha256(), 0
    aside = path.with_name(f"{path.name}.part-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            httpx.Client(
                follow_redirects=True, trust_env=not is_private(host), timeout=_PATIENCE
            ) as client,
            client.stream("GET", address) as response,
            aside.open("wb") as file,
        ):
            response.raise_for_status()
            for piece in response.iter_bytes():
                size += len(piece)
                if size > largest:
                    raise SettingsError(f"{address} holds more than {largest:,} bytes: not kept")
                digest.update(piece)
                file.write(piece)
        if digest.hexdigest() != checksum:
            raise SettingsError(
                f"{address} is not the file that is expected (SHA-256 {digest.hexdigest()}, not"
                f" {checksum}): not kept"
            )
        os.replace(aside, path)
    except httpx.HTTPStatusError as error:
        raise SettingsError(
            f"{address} cannot be fetched (HTTP {error.response.status_code}); give another address"
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SettingsError(f"{address} cannot be fetched ({type(error).__name__})") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        aside.unlink(missing_ok=True)
