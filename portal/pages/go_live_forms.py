"""What people fill in on the way to live: the signature, the release, the reason to stop."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobchanges.models.batches import FAILURE_LIMIT

REASON_LENGTH = 500
# How a browser writes a moment without its zone.
MOMENT = "%Y-%m-%dT%H:%M"


class MomentInput(forms.DateTimeInput):
    """A date and a time of day, in the reader's own zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=MOMENT)


class SignForm(forms.Form):
    """One side's signature. The customer's side also chooses when the first batch may start."""

    agree = forms.BooleanField(
        label=gettext_lazy("I confirm this"),
        error_messages={"required": gettext_lazy("Tick this to sign: it is what you sign.")},
    )
    starts_at = forms.DateTimeField(
        label=gettext_lazy("Start not before"),
        required=False,
        help_text=gettext_lazy("Empty: as soon as both sides have signed."),
        widget=MomentInput,
        error_messages={
            "invalid": gettext_lazy("Write a date and a time, like 2026-11-23 18:00."),
        },
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Start not after"),
        widget=MomentInput,
        error_messages={
            "required": gettext_lazy("Choose until when the batch may start."),
            "invalid": gettext_lazy("Write a date and a time, like 2026-11-30 18:00."),
        },
    )
    seen_hash = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, asks_window: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        if asks_window:
            self.fields["ends_at"].help_text = _("In your time zone, %(zone)s.") % {
                "zone": timezone.get_current_timezone_name()
            }
        else:
            del self.fields["starts_at"], self.fields["ends_at"]

    def clean(self) -> dict[str, Any]:
        """A window has a length and is not over yet."""
        cleaned = super().clean() or {}
        starts_at: datetime | None = cleaned.get("starts_at")
        ends_at: datetime | None = cleaned.get("ends_at")
        if ends_at is not None and ends_at <= timezone.now():
            self.add_error("ends_at", _("This moment is over. Choose a later one."))
        elif starts_at is not None and ends_at is not None and ends_at <= starts_at:
            self.add_error("ends_at", _("The end must be after the start."))
        return cleaned


class ReleaseForm(forms.Form):
    """How the first batch is let go."""

    failure_limit = forms.IntegerField(
        label=gettext_lazy("Pause by itself when more than this many per cent fail"),
        initial=FAILURE_LIMIT,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        widget=forms.NumberInput(attrs={"class": "short", "min": 1, "max": 100}),
        error_messages={
            "required": gettext_lazy("Write a number from 1 to 100."),
            "invalid": gettext_lazy("Write a number from 1 to 100."),
        },
    )
    wait_after_first = forms.BooleanField(
        label=gettext_lazy("Wait for me after the first 20"),
        required=False,
        help_text=gettext_lazy("Otherwise the rest follows by itself when few were refused."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False


class StopForm(forms.Form):
    """Why sending is stopped: the other side reads it."""

    reason = forms.CharField(
        label=gettext_lazy("Why is sending stopped?"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Both sides read it."),
        error_messages={"required": gettext_lazy("Write why: the other side reads it.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
