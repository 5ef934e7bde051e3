"""manage.py web: Daphne on HOST and PORT. Slow parts are loaded in the background."""

from __future__ import annotations

from typing import Any

from daphne.server import Server
from django.conf import settings
from django.core.management.base import BaseCommand

from governance.catalog import configured as catalog
from omdplatform.base import measurements, private_files
from promptiq.index import embeddings


class Command(BaseCommand):
    help = "Serve pages, API and sockets."

    def handle(self, *args: Any, **options: Any) -> None:
        from omdplatform.asgi import application

        private_files.close(settings.DATA_DIR)
        measurements.forget_the_dead()
        embeddings.warm_up()
        catalog.warm_up()
        host = settings.HOST.replace(":", r"\:")
        server = Server(
            application,
            endpoints=[f"tcp:port={settings.PORT}:interface={host}"],
            http_timeout=120,
            server_name="omd",
        )
        server.run()
