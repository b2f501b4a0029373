"""Worlds of conversation and of people: evidence, colleagues, mails, the desk's own pages."""

from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.services import customer_hold, note_add, note_remove
from jobchanges.models import RecordMode, SettingsTemplate
from jobchanges.services.drafts import pick_draft_save
from portal.help.services import help_text_save, help_topics_ensure
from portal.mail.choices import unsubscribe_url
from portal.models import EvidencePack, HelpText, MailKind
from portal.standing import standings_refresh
from tests import factories as make
from tests.browser.states import LONG, Names, Scene, candidates, settings_to_choose
from tests.portal import situations

# --- the customer's people ----------------------------------------------------------------------


def evidence_on_its_way(scene: Scene) -> Names:
    """A pack is being made."""
    EvidencePack.objects.create(
        customer=scene.customer, asked_by=scene.admin_person, side="customer"
    )
    return {}


def evidence_made(scene: Scene) -> Names:
    """One to take, and one whose files went."""
    now = timezone.now()
    for days, ended in enumerate(({"made_at": now}, {"made_at": now, "removed_at": now})):
        EvidencePack.objects.create(
            customer=scene.customer,
            asked_by=scene.manager if days else scene.admin_person,
            side="vendor" if days else "customer",
            asked_at=now - timedelta(days=days),
            head_sequence=12,
            head_hash="b" * 64,
            json_sha256="c" * 64,
            pdf_sha256="d" * 64,
            json_bytes=140_000,
            pdf_bytes=91_000,
            **ended,
        )
    return {}


def evidence_failed(scene: Scene) -> Names:
    """The newest one could not be made."""
    evidence_made(scene)
    EvidencePack.objects.create(
        customer=scene.customer,
        asked_by=scene.admin_person,
        side="customer",
        error="Making the pack did not work. Ask for it again.",
    )
    return {}


def seen_as_the_customer(scene: Scene) -> Names:
    """Maya looks at Northwind's pages; nothing can be changed there."""
    names = settings_to_choose(scene)
    run = situations.run_in(scene.customer, scene.customer.connections.get())
    begin = reverse("admin:accounts_customer_see_as", args=[scene.customer.pk])
    scene.browser("manager").post(begin)
    return {**names, "run": run}


def one_admin(scene: Scene) -> Names:
    """Priya is the only admin; one person has not signed in yet, one has a long name."""
    make.MembershipFactory(
        customer=scene.customer,
        user=make.UserFactory(full_name=LONG, email="long.name@northwind.example"),
        role="reviewer",
    )
    others = scene.reviewer.memberships.get()
    return {"own": scene.admin_person.memberships.get(), "other": others}


def mails_to_choose(scene: Scene) -> Names:
    """The address at the foot of a mail."""
    address = unsubscribe_url(scene.admin_person, MailKind.DIGEST)
    return {"token": address.rstrip("/").rpartition("/")[2]}


# --- the desk -----------------------------------------------------------------------------------


def on_hold(scene: Scene) -> Names:
    """The manager put the setup on hold, with a long reason."""
    customer_hold(customer=scene.customer, reason=f"Their merger: {LONG}", by=scene.manager)
    return settings_to_choose(scene)


def picks_saved(scene: Scene) -> Names:
    """Drafts are saved, and a set was suggested."""
    candidates(scene)
    pool = list(scene.customer.job_changes.all())
    for name, picked in (("Odd cases", pool[:2]), (LONG[:80], pool[2:])):
        pick_draft_save(
            customer=scene.customer,
            environment="sandbox",
            name=name,
            job_changes=picked,
            by=scene.manager,
        )
    here = reverse("admin:accounts_customer_candidates", args=[scene.customer.pk, "sandbox"])
    scene.browser("manager").post(here, {"go": "suggest"})
    return {}


def template_to_start_from(scene: Scene) -> Names:
    """A lead keeps templates of settings."""
    settings_to_choose(scene)
    template = SettingsTemplate.objects.create(
        name="Routing tool in place",
        note="No contacts used; the routing tool gives the owners.",
        values={"record_mode": RecordMode.ALWAYS_LEAD, "lead_source": "Gems"},
    )
    return {"template": template}


def many_customers(scene: Scene) -> Names:
    """More than a page of the portfolio: overdue, on hold, without a manager, long names."""
    others = make.CustomerFactory.create_batch(58, implementation_manager=scene.manager)
    others[0].name, others[0].hold_reason = LONG, "A merger."
    others[1].planned_go_live = date(2026, 1, 5)
    others[2].implementation_manager = None
    for other in others[:3]:
        other.save()
    standings_refresh([scene.customer, *others])
    return {}


def notes_written(scene: Scene) -> Names:
    """One's own, somebody else's, and a removed one."""
    customer = scene.customer
    mine = note_add(customer=customer, text=f"They answer on Mondays. {LONG}", by=scene.manager)
    note_add(customer=customer, text="Ask before the quarter ends.", by=scene.lead)
    gone = note_add(customer=customer, text="Wrong customer.", by=scene.manager)
    note_remove(note=gone, by=scene.lead)
    return {"note": mine}


def help_written(scene: Scene) -> Names:
    """Staff wrote a topic anew; the others are as delivered."""
    help_topics_ensure()
    first, second = HelpText.objects.order_by("pk")[:2]
    body = "1. Open [Page Layouts](setup:page_layouts:Contact).\n2. Press **Save**."
    help_text_save(topic=first.topic, body=body, by=scene.lead)
    return {"written": first, "delivered": second}
