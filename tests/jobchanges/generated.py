"""Job changes made up for runs that need more than the demo's file has: any number, the same each
time, and in every size with the same proportions.

Of ten people one is known to the org (a contact of the CRM files, with id and e-mail), of ten new
companies one is an account there; about four people join each company, one in fifteen people
moves twice, one in forty only left, one in forty was promoted. Names come in several scripts, and
one in fifty people would be refused by the org's rule for Germany.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random

from jobchanges.imports.columns import COLUMNS

CRM = Path(__file__).parents[2] / "integrations" / "rehearsal" / "data"
FIRST_DAY = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
PEOPLE_A_COMPANY = 4
BLOCK = 200
MOVES_TWICE = 15
LEFT_ONLY = PROMOTED = 40
REFUSED = 50
COUNTRIES = ("United States", "France", "Brazil", "Japan", "India", "Canada", "Spain", "Poland")
TITLES = (
    "Head of Sales",
    "VP Marketing",
    "Account Executive",
    "Directrice commerciale",
    "営業部長",
)
# First names, and syllables of last names, by script; latin ones twice as often.
SCRIPTS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("Anna", "James", "Lucía", "Zoë", "Søren"), ("ber", "lin", "mar", "ton", "ves", "hal", "do")),
    (
        ("Marie-Luise", "Paul", "Ève", "Łukasz"),
        ("kow", "ski", "är", "ner", "O'", "Bri", "en", "çi"),
    ),
    (("Анна", "Иван", "Олег"), ("ива", "нов", "петр", "ен", "ко", "ска", "бел")),
    (("Ελένη", "Νίκος"), ("παπ", "αδο", "που", "λος", "γεω", "ργί", "ου")),
    (("伟", "芳", "秀英"), ("王", "李", "张", "欧", "阳", "司", "马")),
    (("さくら", "健太"), ("佐", "藤", "鈴", "木", "高", "橋", "田")),
    (("민준", "서연"), ("김", "이", "박", "남", "궁", "황", "보")),
    (("محمد", "فاطمة"), ("ال", "حسن", "خال", "دي", "نجا", "رزق")),
    (("अनिल", "सुनीता"), ("शर्", "मा", "वर्", "गुप्", "ता", "सिंह")),
)
COMPANY_WORDS = ("Nord", "Blue", "Quantum", "Röst", "Société", "Alpine", "Sakura", "Terra", "Vita")
COMPANY_KINDS = ("Systems", "Logistics GmbH", "Labs, Inc.", "& Söhne", "Holdings", "株式会社")
Row = dict[str, str]


def job_changes_csv(count: int, *, seed: int = 1) -> bytes:
    """So many job changes as a file to import."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(islice(_rows(seed), count))
    return text.getvalue().encode()


def _rows(seed: int) -> Iterator[Row]:
    number, place = 0, 0
    # Second moves wait some hundred rows, as those of real people do.
    later: dict[int, Row] = {}
    while True:
        if number in later:
            row = later.pop(number)
        else:
            row = _person(Random(f"{seed}/{place}"), place)
            if place % MOVES_TWICE == 7 and row["kind"] == "joined":
                again = number + 60 + place % 83
                while again in later:
                    again += 1
                later[again] = _moved_again(row, place)
            place += 1
        detected = FIRST_DAY + timedelta(minutes=7 * number)
        row |= {
            "id": f"gen-{seed}-{number:06d}",
            "detected_at": f"{detected:%Y-%m-%dT%H:%M:%SZ}",
            "job_started_date": str(detected.date() - timedelta(days=20 + number % 40)),
        }
        yield row
        number += 1


def _person(random: Random, place: int) -> Row:
    known = _crm("contacts", place // 10) if place % 10 == 0 else None
    script = SCRIPTS[0] if random.random() < 0.3 else random.choice(SCRIPTS)
    first = random.choice(script[0])
    last = "".join(random.sample(script[1], 3)).capitalize() + (
        "" if random.random() < 0.5 else "a"
    )
    # Neighbours are seldom colleagues: people join the same company hours or days apart.
    block, inside = divmod(place, BLOCK)
    at_once = BLOCK // PEOPLE_A_COMPANY
    company = block * at_once + (inside * 7) % at_once
    row: Row = {
        "kind": "joined",
        "first_name": known["FirstName"] if known else first,
        "last_name": known["LastName"] if known else last,
        "linkedin_url": f"https://www.linkedin.com/in/person-{place:06d}",
        "person_country": random.choice(COUNTRIES),
        "phone": f"+1 555 {place % 10_000:04d}" if place % 3 else "",
        "past_email": known["Email"] if known else f"p{place}@old{place % 997}.example",
        "past_company_name": _account(known)["Name"] if known else f"Old Company {place % 997}",
        "past_title": random.choice(TITLES),
        "past_contact_id": known["Id"] if known else "",
        "past_account_id": known["AccountId"] if known else "",
        "relationship_type": random.choice(("User", "Champion", "Decision Maker")),
        "new_title": random.choice(TITLES),
        "is_target_company": "true" if place % 11 == 0 else "false",
        "new_email": f"p{place}@{_company(company)['new_company_domain']}" if place % 5 else "",
        **_company(company),
    }
    if place % LEFT_ONLY == 20 and known:
        row |= dict.fromkeys((name for name in row if name.startswith("new_")), "")
        row["kind"] = "left"
    elif place % PROMOTED == 30 and known:
        row |= {"kind": "promotion", "new_email": known["Email"], "role_started_date": "2026-01-01"}
        row |= _of_account(_account(known))
    elif place % REFUSED == 3:
        row |= {"person_country": "Germany", "phone": "", "new_email": ""}
    return row


def _moved_again(row: Row, place: int) -> Row:
    """The next move of somebody: from where the last one led."""
    return {
        **row,
        "past_email": row["new_email"] or row["past_email"],
        "past_company_name": row["new_company_name"],
        "past_contact_id": "",
        "past_account_id": "",
        "new_email": f"p{place}@again{place % 499}.example",
        "new_company_name": f"Again {place % 499} Ltd",
        "new_company_domain": f"again{place % 499}.example",
        "new_company_website": f"https://again{place % 499}.example",
    }


def _company(number: int) -> Row:
    if number % 10 == 0 and number // 10 < len(_file("accounts")):
        return _of_account(_file("accounts")[number // 10])
    random = Random(number)
    name = f"{random.choice(COMPANY_WORDS)} {number} {random.choice(COMPANY_KINDS)}"
    return {
        "new_company_name": name,
        "new_company_domain": f"company{number}.example",
        "new_company_website": f"https://www.company{number}.example",
        "new_company_employees": str(20 + number % 5000),
        "new_company_country": random.choice(COUNTRIES),
    }


def _of_account(account: Row) -> Row:
    host = account["Website"].lower().rpartition("//")[2].removeprefix("www.").partition("/")[0]
    host = host.strip() if "." in host else ""
    return {
        "new_company_name": account["Name"],
        "new_company_domain": host,
        "new_company_website": f"https://{host}" if host else "",
        "new_company_country": account["BillingCountry"],
    }


def _crm(name: str, number: int) -> Row | None:
    rows = _file(name)
    found = rows[number] if number < len(rows) else None
    return found if found and found["Email"] and found["AccountId"] else None


def _account(contact: Row) -> Row:
    return _accounts()[contact["AccountId"]]


@cache
def _accounts() -> dict[str, Row]:
    return {row["Id"]: row for row in _file("accounts")}


@cache
def _file(name: str) -> tuple[Row, ...]:
    with (CRM / f"crm-{name}.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))
