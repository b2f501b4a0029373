"""What a person says about themselves: name, time zone, which mails; staff also a booking link.

The page is the reader's own, whoever they are: customers' people and staff alike.
"""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.validators import URLValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import memberships_of, person_of
from accounts.models import User
from accounts.services import person_change
from portal.mail.browser_zones import browser_zone_note, browser_zone_of
from portal.mail.choices import ABOUT, CHOOSABLE, choice_set, choices_of
from portal.pages.time_zones import zone_choices


class MySettingsForm(forms.Form):
    """One person's own settings."""

    full_name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=150,
        help_text=gettext_lazy("Colleagues and your counterpart at the other side read it."),
        error_messages={"required": gettext_lazy("Say what people call you.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        required=False,
        help_text=gettext_lazy(
            "Pages and mails tell times in it, and the morning’s mail keeps it."
        ),
    )
    booking_url = forms.CharField(
        label=gettext_lazy("Booking link"),
        required=False,
        max_length=300,
        help_text=gettext_lazy(
            "Your calendar’s address. Customers see it where a call helps, beside a test."
        ),
        validators=[
            URLValidator(
                schemes=["https"],
                message=gettext_lazy("A booking link begins with https:// and leads to a site."),
            )
        ],
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    mails = forms.MultipleChoiceField(
        label=gettext_lazy("Mails I want"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: object, person: User, browser_zone: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.use_required_attribute = False
        zones = self.fields["time_zone"]
        mails = self.fields["mails"]
        zones.choices = zone_choices(  # type: ignore[attr-defined]
            chosen=person.time_zone, browser=browser_zone
        )
        mails.choices = [  # type: ignore[attr-defined]
            (kind.value, kind.label) for kind in CHOOSABLE
        ]
        if not person.is_staff:
            del self.fields["booking_url"]


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
def my_settings(request: HttpRequest) -> HttpResponse:
    """Show and save the reader's own settings."""
    person = person_of(request)
    wanted = choices_of(person)
    browser_zone = browser_zone_of(request)
    form = MySettingsForm(
        request.POST if request.method == "POST" else None,
        person=person,
        browser_zone=browser_zone,
        initial={
            "full_name": person.full_name,
            "time_zone": person.time_zone,
            "booking_url": person.booking_url,
            "mails": [kind for kind, is_on in wanted.items() if is_on],
        },
    )
    if request.method == "POST" and form.is_valid():
        _save(person, form)
        browser_zone_note(request, person)
        messages.success(request, _("Saved."))
        return redirect("my_settings")
    context = {
        "form": form,
        "mails": _mails(person, form),
        "memberships": [] if person.is_staff else list(memberships_of(person)),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "portal/people/me.html", context, status=status)


def _save(person: User, form: MySettingsForm) -> None:
    said = form.cleaned_data
    person_change(
        person=person,
        full_name=said["full_name"],
        time_zone=said["time_zone"],
        booking_url=said.get("booking_url"),
    )
    for kind in CHOOSABLE:
        choice_set(person=person, kind=kind, is_on=kind.value in said["mails"])


def _mails(person: User, form: MySettingsForm) -> list[dict[str, object]]:
    """Each kind with what it brings, and whether its box is ticked."""
    ticked = form["mails"].value() or []
    return [
        {
            "kind": kind.value,
            "label": kind.label,
            "about": ABOUT[kind][1 if person.is_staff else 0],
            "is_on": kind.value in ticked,
        }
        for kind in CHOOSABLE
    ]
