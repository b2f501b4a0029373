"""The pages of the catalogue in the states beyond the access table's world."""

import re

import pytest

from tests.access.urls import path_of
from tests.browser.catalogue import STATES
from tests.browser.shown import Shown
from tests.browser.states import Scene
from tests.factories import UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture
def scene(
    customer, admin_person, reviewer, approver, manager, lead, other_manager,
    staff_without_rights, signed_in,
):  # fmt: skip
    """Northwind's people and ours."""
    people = {
        "admin_person": admin_person,
        "reviewer": reviewer,
        "approver": approver,
        "manager": manager,
        "lead": lead,
        "other_manager": other_manager,
        "staff_without_rights": staff_without_rights,
        "nobody": UserFactory(),
    }
    return Scene(customer, people, signed_in)


@pytest.mark.parametrize("state", STATES, ids=str)
def test_the_pages_of_a_state_are_as_they_should_be(state, scene, looker):
    names = {"customer": scene.customer, **state.make(scene)}
    for page in state.pages:
        client = scene.browser(page.person)
        typed = page.data and {field: keyed(value, names) for field, value in page.data.items()}
        looker.look(f"{state}: {page}", client, address(page, names), typed)
    assert not looker.problems, looker.told()


def address(page: Shown, names) -> str:
    """`pk="run"` is the run's key; a word that names nothing stands for itself."""
    values = {}
    for field, name in page.args.items():
        found = names.get(name, name.removeprefix("@"))
        values[field] = getattr(found, "pk", found)
    path = page.path or path_of(page.label, values)
    return f"{path}?{keyed(page.query, names)}" if page.query else path


def keyed(text: str, names) -> str:
    """`@run` in it is the run's key."""
    return re.sub(r"(?<!\w)@(\w+)", lambda found: str(names[found[1]].pk), text)
