"""Customers, people and services out of files: looked at first, then all or nothing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from customers import imports
from customers.models import Customer, CustomerEvent, Import, Service, User
from itsm.refusal import Refused
from tests import factories
from tests.incidents.desk.pages import region, text

LIST = "/desk/imports/"
State, Kind = Import.State, Import.Kind
PEOPLE = "email,name,customer,role,phone,vip\n"


@pytest.fixture
def administrator():
    return factories.UserFactory(name="Sam Voss", administrator=True)


@pytest.fixture
def looked_at(administrator):
    """looked_at("people", text) -> the file after it was looked at."""

    def look(kind: str, written: str) -> Import:
        job = imports.upload(by=administrator, kind=kind, name="them.csv", content=written.encode())
        imports.go_on()
        return Import.objects.get(pk=job.pk)

    return look


def taken_over(job: Import) -> Import:
    imports.decide(job, take_over=True)
    imports.go_on()
    return Import.objects.get(pk=job.pk)


def sentences(job: Import) -> list[tuple]:
    return [(error["row"], error["column"], error["sentence"]) for error in job.errors]


def test_people_are_taken_over_after_the_look(looked_at, town, reporter) -> None:
    job = looked_at(
        Kind.PEOPLE,
        PEOPLE + f"Ada@Example.com,Ada Ohm,{town},contact,+49 30 555,yes\n{reporter.email},Rosa New,{town},,,\n",
    )
    assert (job.state, job.new, job.changed, User.objects.filter(name="Ada Ohm").exists()) == (State.READY, 1, 1, False)

    job = taken_over(job)

    ada = User.objects.get(email="ada@example.com")
    assert (ada.customer, ada.role, ada.phone, ada.is_vip, ada.has_usable_password()) == (
        town, "contact", "+49 30 555", True, False,
    )  # fmt: skip
    reporter.refresh_from_db()
    assert (reporter.name, reporter.role) == ("Rosa New", "reporter")  # empty cells left the rest
    assert (job.state, bytes(job.content)) == (State.DONE, b"")
    (event,) = CustomerEvent.objects.filter(customer=town)
    assert (event.kind, event.data) == ("imported", {"kind": "people", "rows": 2, "file": "them.csv"})


def test_customers_and_services_too(looked_at, town, reporter) -> None:
    calendar = town.calendar.name
    taken_over(looked_at(Kind.CUSTOMERS, f"name;calendar;time_zone;hotline\nHarbour;{calendar};Europe/Oslo;555 0199\n"))
    taken_over(
        looked_at(
            Kind.SERVICES,
            "customer,name,critical,tolerable_min,owner,is_channel\n"
            f"Harbour,Cranes,yes,30,,\n{town},Mail,no,,{reporter.email},email\n",
        )
    )

    harbour = Customer.objects.get(name="Harbour")
    assert (harbour.calendar, harbour.time_zone, harbour.level) == (town.calendar, "Europe/Oslo", None)
    cranes, mail = Service.objects.get(name="Cranes"), Service.objects.get(name="Mail")
    assert (cranes.is_critical, cranes.tolerable_min, mail.owner, mail.is_channel) == (True, 30, reporter, "email")


def test_each_error_names_row_and_column_and_nothing_is_kept(looked_at, town, stranger) -> None:
    job = looked_at(
        Kind.PEOPLE,
        PEOPLE
        + f"good@example.com,Good,{town},,,\n"
        + f"no-address,Bad,{town},boss,12,perhaps\n"
        + f"good@example.com,Twice,{town},,,\n"
        + f"{stranger.email},Elsewhere,{town},,,\n"
        + "who@example.com,Who,Atlantis,,,\n"
        + f"calc@example.com,=2+2,{town},,,\n"
        + f",Nobody,{town},,,\n",
    )

    assert (job.state, job.errors_total) == (State.REFUSED, 9)
    assert sentences(job) == [
        (3, "email", "“no-address” is no e-mail address."),
        (3, "role", "“boss” is none of: reporter, contact."),
        (3, "phone", "“12” is no telephone number."),
        (3, "vip", "“perhaps” is neither yes nor no."),
        (7, "name", "“=2+2” looks like a formula."),
        (8, "email", "is empty."),
        (4, "email", "stands in row 2 already."),
        (5, "email", "belongs to somebody elsewhere."),
        (6, "customer", "there is no customer “Atlantis”."),
    ]
    with pytest.raises(Refused):
        imports.decide(job, take_over=True)
    assert not User.objects.filter(email="good@example.com").exists()


def test_what_changed_since_the_look_keeps_all_of_it_out(looked_at, town, stranger) -> None:
    job = looked_at(Kind.PEOPLE, PEOPLE + f"ada@example.com,Ada,{town},,,\nbo@example.com,Bo,{town},,,\n")
    factories.UserFactory(email="bo@example.com", customer=stranger.customer)

    job = taken_over(job)

    assert job.state == State.REFUSED
    assert sentences(job) == [(3, "email", "belongs to somebody elsewhere.")]
    assert not User.objects.filter(email="ada@example.com").exists()


def test_a_new_customer_needs_a_calendar(looked_at, town) -> None:
    job = looked_at(Kind.CUSTOMERS, "name,calendar\nHarbour,Nowhere\nShipyard,\n")

    assert [error[:2] for error in sentences(job)] == [(2, "calendar"), (3, "calendar")]


def test_a_file_of_nothing_but_a_header_is_refused(looked_at) -> None:
    assert sentences(looked_at(Kind.PEOPLE, PEOPLE)) == [("", "", "There is no row below the header.")]


def test_it_is_decided_once(looked_at, town) -> None:
    job = looked_at(Kind.PEOPLE, PEOPLE + f"ada@example.com,Ada,{town},,,\n")
    taken_over(job)

    with pytest.raises(imports.NotNow):
        imports.decide(job, take_over=False)


def test_pages_are_for_administrators(as_user, administrator, manager, reporter, looked_at, town) -> None:
    job = looked_at(Kind.PEOPLE, PEOPLE + f"ada@example.com,Ada,{town},,,\n")

    for address in (LIST, f"{LIST}{job.pk}/"):
        found = [as_user(person).get(address).status_code for person in (administrator, manager, reporter)]
        assert found == [200, 404, 404]


def test_from_the_upload_to_the_people(as_user, administrator, town) -> None:
    file = SimpleUploadedFile("them.csv", (PEOPLE + f"ada@example.com,Ada <b>,{town},,,\n").encode())
    page = as_user(administrator)

    address = page.post(LIST, {"kind": "people", "file": file}).url
    assert "It is being checked" in page.get(address).content.decode()
    imports.go_on()
    ready = page.get(address).content.decode()
    assert "1 row: 1 new, 0 changed" in text(region(ready, "import"))
    assert "Ada &lt;b&gt;" in ready
    page.post(f"{address}decide/", {"decision": "take_over"})
    imports.go_on()

    assert "All of it was taken over." in page.get(address).content.decode()
    assert User.objects.get(email="ada@example.com").name == "Ada <b>"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"name\nA\n", "The header lacks customer, email"),
        (b"", "The file is empty."),
        (b"\x89PNG\r\n\0", "no CSV file"),
    ],
)
def test_what_is_no_such_file_is_said_on_the_form(as_user, administrator, content, sentence) -> None:
    answer = as_user(administrator).post(LIST, {"kind": "people", "file": SimpleUploadedFile("x.csv", content)})

    assert (answer.status_code, Import.objects.count()) == (422, 0)
    assert sentence in answer.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_number_of_questions(as_user, administrator, number, django_assert_num_queries) -> None:
    for _ in range(number):
        imports.upload(by=administrator, kind=Kind.PEOPLE, name="x.csv", content=PEOPLE.encode())
    page = as_user(administrator)

    with django_assert_num_queries(3):
        page.get(LIST)


def test_thousands_of_rows_take_a_handful_of_questions_a_batch(looked_at, town, django_assert_max_num_queries) -> None:
    many = "".join(f"p{n}@example.com,Person {n},{town},,,\n" for n in range(3_000))
    job = looked_at(Kind.PEOPLE, PEOPLE + many)
    imports.decide(job, take_over=True)

    with django_assert_max_num_queries(60):
        imports.go_on()

    assert User.objects.filter(customer=town).count() == 3_000
