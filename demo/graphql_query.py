"""Reads a GraphQL document into its fields: operations, aliases, arguments, variables and fragments of the API's use.

Written by hand because the market answers one query and needs neither schema language nor execution engine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TOKEN = re.compile(
    r"""(?P<skip>[\s,\ufeff]+|\#[^\n]*)|(?P<name>[_A-Za-z]\w*)|(?P<spread>\.\.\.)|(?P<mark>[{}()\[\]:!=$@|])"""
    r"""|(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"""
)
END = ("end", "<EOF>")
DEEPEST = 20


class GraphQLError(Exception):
    """The query cannot be answered; the text is for its author."""


@dataclass(slots=True)
class Field:
    """A field that is asked for. `key` is what the answer calls it."""

    name: str
    key: str
    arguments: dict[str, Any] = field(default_factory=dict)
    selections: list[Field | str] | None = None
    """Fields, and names of fragments to be put in their place."""


@dataclass(slots=True)
class Document:
    """The first operation of a document (or the one named) and its fragments."""

    operations: dict[str, list[Field | str]] = field(default_factory=dict)
    fragments: dict[str, list[Field | str]] = field(default_factory=dict)

    def fields(self, operation: str | None) -> list[Field]:
        """The fields of an operation, fragments put in."""
        if operation and operation in self.operations:
            chosen = self.operations[operation]
        elif operation:
            raise GraphQLError(f'Unknown operation named "{operation}".')
        elif len(self.operations) == 1:
            chosen = next(iter(self.operations.values()))
        else:
            raise GraphQLError("Must provide operation name if query contains multiple operations.")
        return self._whole(chosen, 0)

    def _whole(self, selections: list[Field | str], depth: int) -> list[Field]:
        if depth > DEEPEST:
            raise GraphQLError(f"Max query depth should be {DEEPEST}.")
        found: list[Field] = []
        for one in selections:
            if isinstance(one, Field):
                inner = None if one.selections is None else [*self._whole(one.selections, depth + 1)]
                found.append(Field(one.name, one.key, one.arguments, None if inner is None else list(inner)))
            elif one in self.fragments:
                found += self._whole(self.fragments[one], depth + 1)
            else:
                raise GraphQLError(f'Unknown fragment "{one}".')
        return found


class _Reader:
    def __init__(self, text: str, variables: Mapping[str, Any]) -> None:
        self._tokens = self._split(text)
        self._variables = variables
        self._at = 0
        self._inline = 0

    @staticmethod
    def _split(text: str) -> list[tuple[str, str]]:
        tokens, at = [], 0
        while at < len(text):
            match = TOKEN.match(text, at)
            if match is None:
                raise GraphQLError(f"Syntax Error: Cannot parse the unexpected character {text[at]!r}.")
            if match.lastgroup != "skip":
                tokens.append((str(match.lastgroup), match.group()))
            at = match.end()
        return [*tokens, END]

    def _peek(self) -> str:
        return self._tokens[self._at][1]

    def _take(self, expected: str | None = None, kind: str | None = None) -> str:
        found_kind, found = self._tokens[self._at]
        if (expected is not None and found != expected) or (kind is not None and found_kind != kind):
            raise GraphQLError(f"Syntax Error: Expected {expected or kind}, found {found}")
        self._at += 1
        return found

    def document(self) -> Document:
        document = Document()
        while self._peek() != END[1]:
            match self._peek():
                case "{":
                    document.operations[""] = self._selections(document)
                case "query":
                    self._take()
                    name = self._take() if self._tokens[self._at][0] == "name" else ""
                    if self._peek() == "(":
                        self._declarations()
                    document.operations[name] = self._selections(document)
                case "fragment":
                    self._take()
                    name = self._take(kind="name")
                    self._take("on")
                    self._take(kind="name")
                    document.fragments[name] = self._selections(document)
                case "mutation" | "subscription" as kind:
                    raise GraphQLError(f"Schema is not configured for {kind}s.")
                case other:
                    raise GraphQLError(f"Syntax Error: Unexpected {other}")
        if not document.operations:
            raise GraphQLError("Syntax Error: Unexpected <EOF>")
        return document

    def _declarations(self) -> None:
        """Variables are taken as they are given; a default stands in for a missing one."""
        self._take("(")
        given = dict(self._variables)
        while self._peek() != ")":
            self._take("$")
            name = self._take(kind="name")
            self._take(":")
            kind = ""
            while self._peek() in ("[", "]", "!") or self._tokens[self._at][0] == "name":
                kind += self._take()
            if self._peek() == "=":
                self._take()
                given.setdefault(name, self._value())
            elif kind.endswith("!") and given.get(name) is None:
                raise GraphQLError(f'Variable "${name}" of required type "{kind}" was not provided.')
            given.setdefault(name, None)
        self._take(")")
        self._variables = given

    def _selections(self, document: Document) -> list[Field | str]:
        self._take("{")
        found: list[Field | str] = []
        while self._peek() != "}":
            found.append(self._spread(document) if self._peek() == "..." else self._field(document))
        self._take("}")
        if not found:
            raise GraphQLError("Syntax Error: Expected Name, found }")
        return found

    def _spread(self, document: Document) -> str:
        self._take("...")
        if self._peek() not in ("on", "{"):
            return self._take(kind="name")
        if self._peek() == "on":
            self._take()
            self._take(kind="name")
        self._inline += 1
        name = f"inline {self._inline}"
        document.fragments[name] = self._selections(document)
        return name

    def _field(self, document: Document) -> Field:
        name = key = self._take(kind="name")
        if self._peek() == ":":
            self._take()
            name = self._take(kind="name")
        found = Field(name, key)
        if self._peek() == "(":
            self._take()
            while self._peek() != ")":
                argument = self._take(kind="name")
                self._take(":")
                found.arguments[argument] = self._value()
            self._take(")")
        if self._peek() == "{":
            found.selections = self._selections(document)
        return found

    def _value(self) -> Any:
        kind, text = self._tokens[self._at]
        self._at += 1
        match kind, text:
            case "mark", "$":
                name = self._take(kind="name")
                if name not in self._variables:
                    raise GraphQLError(f'Variable "${name}" is not defined.')
                return self._variables[name]
            case "string" | "number", _:
                return json.loads(text)
            case "name", "true" | "false" | "null":
                return json.loads(text)
            case "name", _:
                return text
            case "mark", "[":
                return self._list()
            case "mark", "{":
                return self._object()
        raise GraphQLError(f"Syntax Error: Unexpected {text}")

    def _list(self) -> list[Any]:
        found = []
        while self._peek() != "]":
            found.append(self._value())
        self._take("]")
        return found

    def _object(self) -> dict[str, Any]:
        found = {}
        while self._peek() != "}":
            name = self._take(kind="name")
            self._take(":")
            found[name] = self._value()
        self._take("}")
        return found


def fields(query: str, variables: Mapping[str, Any], operation: str | None) -> list[Field]:
    """The fields that a query asks for.

    Raises:
        GraphQLError: the text is no query of this API.
    """
    return _Reader(query, variables).document().fields(operation)
