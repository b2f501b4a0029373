from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0002_connection_health_and_call_slots"),
    ]

    operations = [
        migrations.AddField(
            model_name="orgepoch",
            name="facts_tried_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
