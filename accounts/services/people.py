"""People: who exists, and how one comes to be."""

from accounts.models import User


def person_ensure(*, email: str, full_name: str = "") -> User:
    """Find the person with this work e-mail, or make one who signs in by code only.

    A name that is there already stays; an empty one is filled in.
    """
    email = email.strip().lower()
    user, made = User.objects.get_or_create(email=email, defaults={"full_name": full_name.strip()})
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    elif full_name.strip() and not user.full_name and not user.is_staff:
        user.full_name = full_name.strip()
        user.save(update_fields=["full_name"])
    return user


def person_change(
    *, person: User, full_name: str, time_zone: str, booking_url: str | None = None
) -> bool:
    """What a person says about themselves; whether anything changed.

    Their e-mail is who they are and stays. A booking link is staff's only; None leaves it.
    """
    wanted = {"full_name": " ".join(full_name.split()), "time_zone": time_zone}
    if booking_url is not None and person.is_staff:
        wanted["booking_url"] = booking_url.strip()
    changed = [name for name, value in wanted.items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, wanted[name])
    if changed:
        person.save(update_fields=changed)
    return bool(changed)
