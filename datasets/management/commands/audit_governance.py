"""manage.py audit_governance: proves that everything was governed before it was stored or indexed."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from datasets.stores.proving import prove
from omdplatform.base.errors import PlatformError
from omdplatform.running.preparation import prepare
from promptiq.index import vector_server


class Command(BaseCommand):
    help = (
        "Prove for every raw file, typed copy and collection of vectors that its version was classified, "
        "decided on and registered in the catalog before it was stored. Exit code 1 with a list otherwise."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object for each violation")

    def handle(self, *args: Any, **options: Any) -> None:
        prepare()
        try:
            with vector_server.running():
                proof = prove()
        except PlatformError as error:
            raise CommandError(f"Nothing is proven: {error.sentence()}", returncode=2) from None
        for each in proof.violations:
            told = (
                json.dumps(each.as_json(), ensure_ascii=False)
                if options["json"]
                else f"{each.store} {each.key}: {each.text}"
            )
            self.stdout.write(told)
        checked = ", ".join(f"{count:,} × {store}" for store, count in sorted(proof.checked.items()))
        self.stderr.write(f"Looked at: {checked or 'nothing is stored'}.")
        if proof.violations:
            raise CommandError(f"{len(proof.violations):,} violations.", returncode=1)
        self.stderr.write("Everything was governed before it was stored or indexed.")
