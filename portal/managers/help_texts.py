"""Help texts: what every customer reads at a step, written by staff or as delivered."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import person_of
from portal.help.rendering import SETUP_PAGES, HelpTextError, help_check, help_html
from portal.help.services import help_text_restore, help_text_save
from portal.help.topics import topics
from portal.managers.base import chip
from portal.models import HelpText


class HelpTextForm(forms.ModelForm[HelpText]):
    """The text that counts, to be changed; while none was written, the delivered one."""

    class Meta:
        model = HelpText
        fields = ("body",)
        widgets = {"body": forms.Textarea(attrs={"rows": 24, "cols": 90})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "body" not in self.fields:  # those who may only read it
            return
        self.initial["body"] = self.instance.body or str(topics()[self.instance.topic].body)
        self.fields["body"].required = False
        self.fields["body"].help_text = _(
            "Lines that begin with “1.” or “-” become lists, **stars** make words bold. "
            "[Words](https://…) is a link; [Words](setup:NAME) leads into Setup of the reader’s "
            "own org, [Words](setup:NAME:Contact) to one object. Names: %(names)s."
        ) % {"names": ", ".join(sorted(SETUP_PAGES))}

    def clean_body(self) -> str:
        """What would not work is said beside the text, and nothing is lost."""
        body = str(self.cleaned_data["body"]).replace("\r\n", "\n").strip()
        try:
            help_check(body)
        except HelpTextError as error:
            raise forms.ValidationError(error.sentences) from error
        return body


@admin.register(HelpText)
class HelpTextAdmin(admin.ModelAdmin):
    """One row a topic. Nobody adds or deletes one: the steps decide which there are."""

    form = HelpTextForm
    change_form_template = "admin/portal/helptext/change_form.html"
    list_display = ["title", "topic", "written", "changed_by", "changed_at"]
    list_display_links = ["title"]
    list_select_related = ["changed_by"]
    list_per_page = 100
    actions = None
    fields = ["shown", "body"]
    readonly_fields = ["shown"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The steps decide which topics there are."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The delivered text is put back instead."""
        return False

    @admin.display(description=gettext_lazy("help"))
    def title(self, row: HelpText) -> str:
        """The line that a customer unfolds."""
        topic = topics().get(row.topic)
        return str(topic.title) if topic else _("No step shows it any more")

    @admin.display(description=gettext_lazy("text"))
    def written(self, row: HelpText) -> SafeString:
        """Whether staff wrote it."""
        return chip("wait", _("Written by us")) if row.body else chip("", _("As delivered"))

    @admin.display(description=gettext_lazy("what customers read now"))
    def shown(self, row: HelpText) -> SafeString:
        """The text as it counts today; links into Setup show their words only here."""
        topic = topics().get(row.topic)
        return help_html(row.body or (str(topic.body) if topic else ""))

    def save_model(self, request: HttpRequest, obj: HelpText, form: Any, change: bool) -> None:
        """Save through the service."""
        saved = help_text_save(
            topic=obj.topic, body=form.cleaned_data["body"], by=person_of(request)
        )
        obj.body, obj.changed_at, obj.changed_by = saved.body, saved.changed_at, saved.changed_by

    def response_change(self, request: HttpRequest, obj: HelpText) -> HttpResponse:
        """Stay: the page shows what customers read now."""
        response = super().response_change(request, obj)
        response["Location"] = reverse("admin:portal_helptext_change", args=[obj.pk])
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """One button saves; what is wrong is no success."""
        row: HelpText | None = context.get("original")
        context |= {
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
            "title": self.title(row) if row else "",
            "may_restore": bool(row and row.body) and self.has_change_permission(request, row),
        }
        response = super().render_change_form(request, context, *args, **kwargs)
        if context.get("errors"):
            response.status_code = 422
        return response

    def get_urls(self) -> list[URLPattern]:
        """Django's own, and putting the delivered text back."""
        restore = self.admin_site.admin_view(require_POST(self.restore))
        return [
            path("<int:pk>/restore/", restore, name="portal_helptext_restore"),
            *super().get_urls(),
        ]

    def restore(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The delivered text counts again; what staff wrote is gone."""
        row = get_object_or_404(HelpText, pk=pk)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        help_text_restore(topic=row.topic, by=person_of(request))
        self.log_change(request, row, _("Put the delivered text back."))
        messages.success(request, _("Customers read the delivered text again."))
        return HttpResponseRedirect(reverse("admin:portal_helptext_change", args=[pk]))
