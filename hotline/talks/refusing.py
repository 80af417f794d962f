"""What is said where an order is not possible as things stand."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """Not possible now; ``words`` say why. Nothing was changed."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words)
