"""Indexes that were built before personal data in open cells was kept out of them are built anew."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def close_indexes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The sweep queues a rebuild for each that is stale."""
    versions = apps.get_model("datasets", "Version").objects.using(schema_editor.connection.alias)
    versions.filter(index_state="ready").update(index_state="stale")


class Migration(migrations.Migration):
    dependencies = [("datasets", "0002_waiting"), ("governance", "0006_public_mark")]
    operations = [migrations.RunPython(close_indexes, migrations.RunPython.noop)]
