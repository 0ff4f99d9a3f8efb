"""Why a request brought no page, by name."""

from __future__ import annotations

from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, IgnoreRequest, ResponseDataLossError
from twisted.internet.error import TimeoutError as ConnectionTimeout
from twisted.python.failure import Failure

_IGNORED = (
    ("robots.txt", "page/forbidden_by_robots"),
    ("DOWNLOAD_MAXSIZE", "page/too_large"),
    ("redirections", "page/redirect_loop"),
)


def named(failure: Failure) -> tuple[str, str]:
    """The name under which it is counted, and the cause in words.

    An exception may bring its own name: an attribute `name` that begins with `page/`.
    """
    error = failure.value
    cause = failure.getErrorMessage() or failure.type.__name__
    own = getattr(error, "name", None)
    if isinstance(own, str) and own.startswith("page/"):
        return own, cause
    if isinstance(error, IgnoreRequest):
        return next((name for words, name in _IGNORED if words in cause), "page/no_response"), cause
    if isinstance(error, DownloadCancelledError):
        return "page/too_large", "more bytes came than DOWNLOAD_MAXSIZE allows"
    if isinstance(error, DownloadTimeoutError | ConnectionTimeout):
        return "page/timeout", cause
    if isinstance(error, ResponseDataLossError):
        return "page/no_response", "the connection ended before the page did"
    return "page/no_response", cause
