"""Errors that tell a file's owner what is wrong and how to fix it."""

from __future__ import annotations

from omdplatform.base.errors import PlatformError


class UnreadableFile(PlatformError):
    """A file that cannot be read as a table. Its text never contains a cell's value.

    `code`: for programs. `problem`: what is wrong, a sentence. `remedy`: what to do, a sentence or "". `row`:
    1-based, without the header. `column`: its name. None if no single row or column is to blame.
    """

    status = 422
    keep_file = False

    def __init__(
        self, code: str, problem: str, remedy: str = "", row: int | None = None, column: str | None = None
    ) -> None:
        super().__init__(f"{problem} {remedy}".strip())
        self.code = code
        self.problem = problem
        self.remedy = remedy
        self.row = row
        self.column = column
