import hashlib

from django.conf import settings
from django.db import migrations, models

PACKAGED = "all-MiniLM-L6-v2"


def recognise(apps, schema_editor):
    """Indexes that are there tell their embedding by the digest in their collection's name.

    Where neither the packaged model nor the configured one has it, the index is rebuilt.
    """
    known = {(PACKAGED, "", "")}
    model, url = settings.EMBEDDING_MODEL, settings.EMBEDDING_URL
    if url or "." not in model or "/" in model:
        known.add((model or PACKAGED, model, url))
    versions = apps.get_model("datasets", "Version").objects
    for name, model, url in sorted(known):
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        built = versions.filter(collection__regex=rf"^v-[0-9a-f]{{32}}-{digest}-")
        built.update(embedding_name=name, embedding_model=model, embedding_url=url)


class Migration(migrations.Migration):
    dependencies = [("datasets", "0002_waiting")]

    operations = [
        migrations.AddField("version", "embedding_name", models.CharField(blank=True, max_length=255, default=""), preserve_default=False),
        migrations.AddField("version", "embedding_model", models.CharField(blank=True, max_length=512, default=""), preserve_default=False),
        migrations.AddField("version", "embedding_url", models.CharField(blank=True, max_length=512, default=""), preserve_default=False),
        migrations.RunPython(recognise, migrations.RunPython.noop),
    ]
