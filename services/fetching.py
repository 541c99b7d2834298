"""The only hosts that anything is fetched from or sent to beside Slack's API: no address in a payload is believed."""

import urllib.request
from typing import Any
from urllib.parse import urlsplit


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        """Follow nobody: a redirect could lead anywhere."""


def opener() -> urllib.request.OpenerDirector:
    """Return what opens addresses without following redirects."""
    return urllib.request.build_opener(_NoRedirect)


def is_from(url: str, origins: frozenset[str]) -> bool:
    """Tell whether an address lies at one of the origins; a name or password in it makes it another one."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return f"{parts.scheme}://{parts.netloc}" in origins
