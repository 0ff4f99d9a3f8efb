"""Switches that make the market misbehave: for tests of those who must survive it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

CHALLENGE = (
    b'<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head>'
    b"<body><noscript>Enable JavaScript and cookies to continue</noscript></body></html>"
)


CLEARANCE = "demo_clearance"
_PUZZLE = (
    b'<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body><noscript>Enable JavaScript '
    b"and cookies to continue</noscript><script>setTimeout(() => { document.cookie = '"
    + CLEARANCE.encode()
    + b"=' + (6 * 7) + '; path=/'; location.reload(); }, 150);</script></body></html>"
)
_PASSED = f"{CLEARANCE}=42"


class Fault(BaseModel):
    """One misbehaviour, for the next `times` requests whose path begins with `path`.

    Attributes:
        status: answered instead of the real status.
        after: whether the request's work is done before the failure is answered.
        delay_seconds: waited before anything else.
        truncate: fraction of the body that is sent, with a length that matches: a page cut in half.
        cut: with `truncate`: the length promises the whole body and the connection breaks.
        challenge: a bot check instead of the page, status 403.
        passable: with `challenge`: a browser runs its script, gets a cookie and is let through from then on.
        headers: further headers of an answer that is not the real one, such as Retry-After.
        body, content_type: this text instead of the page.
        rewrite: what is put in place of each match of a regular expression, on the real page: a changed page, a total
            one dinar off, another product under the same address.
        delay_after_seconds: waited between the work and the answer.
    """

    model_config = ConfigDict(extra="forbid")

    path: str = "/"
    method: str | None = None
    times: int = Field(1, ge=1)
    status: int | None = Field(None, ge=200, le=599)
    after: bool = False
    delay_seconds: float = Field(0, ge=0, le=60)
    truncate: float | None = Field(None, ge=0, lt=1)
    cut: bool = False
    challenge: bool = False
    passable: bool = False
    headers: dict[str, str] = Field(default_factory=dict)
    body: str | None = None
    content_type: str = "text/html; charset=utf-8"
    rewrite: dict[str, str] = Field(default_factory=dict)
    delay_after_seconds: float = Field(0, ge=0, le=60)

    @field_validator("rewrite")
    @classmethod
    def _are_expressions(cls, value: dict[str, str]) -> dict[str, str]:
        for expression in value:
            try:
                re.compile(expression)
            except re.error as error:
                raise ValueError(f"{expression!r} is no regular expression: {error}") from error
        return value

    def rewritten(self, body: bytes) -> bytes:
        """A page as it reads with this fault."""
        for expression, replacement in self.rewrite.items():
            body = re.sub(expression.encode(), replacement.encode(), body)
        return body

    def concerns(self, path: str, method: str, cookies: str = "") -> bool:
        """Whether a request is one of those that it is for; who has passed the challenge is let through."""
        if self.passable and _PASSED in cookies:
            return False
        return path.startswith(self.path) and self.method in (None, method)

    @property
    def replaces(self) -> bool:
        return self.challenge or self.body is not None or self.status is not None

    def replacement(self) -> tuple[int, bytes, str]:
        """Status, body and content type answered instead of the real ones."""
        if self.challenge:
            return self.status or 403, _PUZZLE if self.passable else CHALLENGE, "text/html; charset=UTF-8"
        if self.body is not None:
            return self.status or 200, self.body.encode(), self.content_type
        return self.status or 500, f"demo fault: {self.status}\n".encode(), "text/plain; charset=utf-8"


class Faults:
    """The faults that are switched on, in the order they were."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Switches a fault on."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Switches all faults off."""
        with self._lock:
            self._faults.clear()

    def all(self) -> list[dict[str, Any]]:
        """The faults still to come."""
        with self._lock:
            return [fault.model_dump(exclude_none=True) for fault in self._faults]

    def take(self, path: str, method: str, cookies: str = "") -> Fault | None:
        """The first fault that concerns a request; counts it."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.concerns(path, method, cookies):
                    if fault.times > 1:
                        self._faults[index] = fault.model_copy(update={"times": fault.times - 1})
                    else:
                        del self._faults[index]
                    return fault
        return None


class FaultyApplication:
    """A WSGI application with the faults in front; `/_market/` is spared, else nobody could switch them off."""

    def __init__(self, application: Application, faults: Faults, headers: Callable[[], list[tuple[str, str]]]) -> None:
        self._application, self._faults, self._headers = application, faults, headers

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        exempt = path.startswith("/_market/")
        fault = None if exempt else self._faults.take(path, environ["REQUEST_METHOD"], environ.get("HTTP_COOKIE", ""))
        if fault is None:
            return self._application(environ, start_response)
        time.sleep(fault.delay_seconds)
        if fault.replaces and not fault.after:
            return self._answer(start_response, fault)
        status, body, headers = self._real(environ)
        time.sleep(fault.delay_after_seconds)
        if fault.replaces:
            return self._answer(start_response, fault)
        if fault.rewrite:
            body = fault.rewritten(body)
            headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
            headers.append(("Content-Length", str(len(body))))
        if fault.truncate is None:
            start_response(status, headers)
            return [body]
        return self._truncated(start_response, status, body, headers, fault)

    def _real(self, environ: Environ) -> tuple[str, bytes, list[tuple[str, str]]]:
        kept: list[Any] = []
        chunks = self._application(environ, lambda status, headers, _error=None: kept.extend((status, headers)))
        body = b"".join(chunks)
        if close := getattr(chunks, "close", None):
            close()
        return kept[0], body, kept[1]

    @staticmethod
    def _truncated(
        start_response: StartResponse, status: str, body: bytes, headers: list[tuple[str, str]], fault: Fault
    ) -> list[bytes]:
        part = body[: int(len(body) * (fault.truncate or 0))]
        length = len(body) if fault.cut else len(part)
        others = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start_response(status, [*others, ("Content-Length", str(length))])
        return [part]

    def _answer(self, start_response: StartResponse, fault: Fault) -> list[bytes]:
        status, body, kind = fault.replacement()
        told = [("Content-Type", kind), ("Content-Length", str(len(body))), *fault.headers.items()]
        start_response(f"{status} Demo Fault", [*told, *self._headers()])
        return [body]
