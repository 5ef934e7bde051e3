from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0006_subject")]

    operations = [
        migrations.CreateModel(
            name="Worker",
            fields=[
                ("name", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("started_at", models.DateTimeField(auto_now_add=True)),
                ("beat_at", models.DateTimeField()),
            ],
            options={"ordering": ["started_at"]},
        ),
        migrations.AddField("job", "holder", models.CharField(blank=True, default="", max_length=200), preserve_default=False),
        migrations.AddField("job", "paused_at", models.DateTimeField(null=True)),
    ]
