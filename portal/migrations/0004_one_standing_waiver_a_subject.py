"""One standing waiver a step becomes one a subject: what old rows hold fits the new promise, too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portal", "0003_waived_subjects_and_comparison")]

    operations = [
        migrations.RemoveConstraint(
            model_name="waiver",
            name="one_standing_waiver_a_step",
        ),
        migrations.RemoveConstraint(
            model_name="waiver",
            name="one_standing_waiver_a_step_before_connecting",
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("customer", "step", "subject", "epoch"),
                name="one_standing_waiver_a_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.UniqueConstraint(
                condition=models.Q(("epoch", None), ("withdrawn_at", None)),
                fields=("customer", "step", "subject"),
                name="one_standing_waiver_a_subject_before_connecting",
            ),
        ),
    ]
