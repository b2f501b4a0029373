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
