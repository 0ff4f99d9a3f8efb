"""One of n crawls that divide a shop among themselves."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"(\d{1,5})/(\d{1,5})")


@dataclass(frozen=True, slots=True)
class Shard:
    """Shard `index` of `count`, counted from 0 like an indexed job's completions."""

    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard that a text such as `0/4` names.

        Raises:
            ValueError: it names none; the text says which there are.
        """
        written = _WRITTEN.fullmatch(text.strip())
        if not written:
            raise ValueError(f"{text!r} is no shard: write i/n, the first of four is 0/4 and the last 3/4")
        index, count = int(written.group(1)), int(written.group(2))
        if index >= count:
            raise ValueError(
                f"{text!r} is no shard: shards are counted from 0, the last of {count} is {count - 1}/{count}"
            )
        return cls(index, count)

    def takes(self, address: str) -> bool:
        """Whether a place is this shard's. Of any place exactly one of the `count` shards says so, on any machine."""
        digest = hashlib.blake2b(address.encode(), digest_size=8).digest()
        return int.from_bytes(digest) % self.count == self.index

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"
