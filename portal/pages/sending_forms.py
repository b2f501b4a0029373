"""How often new job changes are sent: the form of either side."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy

from jobchanges.models import SendingSchedule
from portal.pages.go_live_forms import StopForm

Cadence = SendingSchedule.Cadence
HOURS = [(hour, f"{hour:02d}:00") for hour in range(24)]
# One of each that a company is likely to work in; the reader's own and the chosen one are added.
ZONES = (
    "UTC",
    "America/Los_Angeles",
    "America/Denver",
    "America/Phoenix",
    "America/Chicago",
    "America/New_York",
    "America/Toronto",
    "America/Halifax",
    "America/Mexico_City",
    "America/Bogota",
    "America/Sao_Paulo",
    "America/Argentina/Buenos_Aires",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Lisbon",
    "Europe/Madrid",
    "Europe/Paris",
    "Europe/Amsterdam",
    "Europe/Berlin",
    "Europe/Zurich",
    "Europe/Vienna",
    "Europe/Rome",
    "Europe/Stockholm",
    "Europe/Warsaw",
    "Europe/Athens",
    "Europe/Istanbul",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "Asia/Jerusalem",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Perth",
    "Australia/Sydney",
    "Pacific/Auckland",
)


class ScheduleForm(forms.Form):
    """How often, on which day, at which hour of whose day."""

    cadence = forms.ChoiceField(
        label=gettext_lazy("How often are new job changes sent?"),
        choices=Cadence.choices,
        widget=forms.RadioSelect(attrs={"class": "boxed"}),
        error_messages={"required": gettext_lazy("Choose how often.")},
    )
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Day of the week"),
        help_text=gettext_lazy("Only for every week."),
        choices=sorted(WEEKDAYS.items()),
        coerce=int,
    )
    hour = forms.TypedChoiceField(label=gettext_lazy("Hour of the day"), choices=HOURS, coerce=int)
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy(
            "The hour is that of this zone, in summer and in winter. Where the clocks skip it, it "
            "is the moment they jump; where it comes twice, the first."
        ),
    )

    def __init__(self, *args: Any, schedule: SendingSchedule | None, **kwargs: Any) -> None:
        here = timezone.get_current_timezone_name()
        chosen = schedule.time_zone if schedule is not None else here
        if schedule is not None:
            kwargs.setdefault(
                "initial",
                {
                    "cadence": schedule.cadence,
                    "weekday": schedule.weekday,
                    "hour": schedule.hour,
                    "time_zone": chosen,
                },
            )
        else:
            kwargs.setdefault(
                "initial",
                {"cadence": Cadence.WEEKLY, "weekday": 1, "hour": 6, "time_zone": here},
            )
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        names = dict.fromkeys([chosen, here, *ZONES])
        zones = self.fields["time_zone"]
        assert isinstance(zones, forms.ChoiceField)  # noqa: S101 (for the type checker)
        zones.choices = [(name, name.replace("_", " ")) for name in names]


class ScheduleStopForm(StopForm):
    """Why nothing more goes by itself: the other side reads it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = gettext_lazy("Why do the regular batches stop?")
