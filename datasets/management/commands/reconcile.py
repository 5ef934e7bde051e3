"""manage.py reconcile [--mend] [--verify-bytes]: compares the database with every store."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from datasets.ingestion.queue import queue_rebuilds
from datasets.ingestion.receiving.inline import work_off
from datasets.models import Job, Reconciliation
from datasets.stores.reconciling import Outcome, always, never, reconcile
from omdplatform.running.preparation import prepare
from promptiq.index import vector_server


class Command(BaseCommand):
    help = (
        "Compare database, catalog, object storage, typed copies and vectors by key and count; say what is "
        "missing, changed, orphaned or ungoverned. Exit code 1 where something is left as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mend", action="store_true", help="make right what can be, from what is intact")
        parser.add_argument("--verify-bytes", action="store_true", help="read and compare every byte, too")
        parser.add_argument("--json", action="store_true", help="one JSON object for each finding")

    def handle(self, *args: Any, mend: bool, verify_bytes: bool, **options: Any) -> None:
        prepare()
        with vector_server.running():
            found, outcomes = reconcile(always if verify_bytes else never, mend=mend)
            for outcome in outcomes:
                self.stdout.write(_told(outcome, options["json"]))
            if mend:
                self._build_indexes()
        for store, why in found.unreachable.items():
            self.stderr.write(f"{store}: could not be looked at. {why}")
        self.stderr.write(_in_all(found))
        if not found.is_clean:
            raise CommandError("The stores do not agree.", returncode=1)

    def _build_indexes(self) -> None:
        """Build closed indexes without waiting for a worker."""
        queue_rebuilds()
        for job in Job.objects.open().filter(kind=Job.Kind.REBUILD):
            work_off(job)


def _told(outcome: Outcome, as_json: bool) -> str:
    if as_json:
        return json.dumps(outcome.as_json(), ensure_ascii=False)
    finding = outcome.finding
    return f"{finding.store}: {finding.kind.value}: {finding.key}\n  {finding.text}\n  {outcome.done}"


def _in_all(found: Reconciliation) -> str:
    read = f"the bytes of {found.versions_read:,} versions were read"
    return f"{found.found:,} found, {found.left:,} left; {read}."
