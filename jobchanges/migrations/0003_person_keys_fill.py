from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ROWS_AT_ONCE = 500


def keys_fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Keys of the job changes that are there already, as the import writes them from now on."""
    from jobchanges.person_keys import person_hashes

    JobChange = apps.get_model("jobchanges", "JobChange")
    PersonKey = apps.get_model("jobchanges", "PersonKey")
    PersonKey.objects.bulk_create(
        (
            PersonKey(job_change_id=item.pk, customer_id=item.customer_id, key=key)
            for item in JobChange.objects.order_by("pk").iterator(ROWS_AT_ONCE)
            for key in sorted(person_hashes(item))
        ),
        batch_size=ROWS_AT_ONCE,
    )


class Migration(migrations.Migration):
    dependencies = [("jobchanges", "0002_allowances_and_batches")]

    operations = [migrations.RunPython(keys_fill, migrations.RunPython.noop)]
