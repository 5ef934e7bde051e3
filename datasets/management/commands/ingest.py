"""manage.py ingest FILE… [--owner NAME]: the upload pipeline in this process, one receipt a file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from datasets.ingestion.receiving.inline import ingest_file, owner_named
from datasets.ingestion.receiving.uploads import UploadRefused, Wish
from omdplatform.running.preparation import prepare
from promptiq.index import vector_server


class Command(BaseCommand):
    help = "Govern, archive and index files; a receipt for each as a JSON line. Exit code 1 where one failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--owner", default="", help="Username of the owner; made where there is none.")
        parser.add_argument(
            "--on-conflict",
            choices=["refuse", "new_version", "new_dataset"],
            default="new_version",
            help="What to do where the owner has a dataset of that name (default: a new version of it).",
        )

    def handle(self, *args: Any, files: list[Path], owner: str, on_conflict: Any, **options: Any) -> None:
        prepare()
        user = owner_named(owner)
        failed = 0
        with vector_server.running():
            for file in files:
                try:
                    receipt = ingest_file(user, file, Wish(on_conflict=on_conflict))
                except (UploadRefused, OSError) as error:
                    receipt = {"file": file.name, "state": "refused", "error": _sentence(error)}
                failed += receipt["state"] != "succeeded"
                self.stdout.write(json.dumps(receipt, ensure_ascii=False))
        if failed:
            raise CommandError(f"{failed} of {len(files)} files failed.", returncode=1)


def _sentence(error: UploadRefused | OSError) -> str:
    return str(error) if isinstance(error, UploadRefused) else f"The file cannot be read: {error.strerror}."
