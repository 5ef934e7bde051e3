import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("datasets", "0005_reconciliation"),
    ]

    operations = [
        migrations.AddField(
            model_name="dataset",
            name="subject",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="datasets.column",
                verbose_name="about",
            ),
        ),
        migrations.AddField(
            model_name="dataset",
            name="subject_chosen",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="version",
            name="subject",
            field=models.CharField(blank=True, max_length=512),
        ),
    ]
