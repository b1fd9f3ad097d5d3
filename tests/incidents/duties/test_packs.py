"""The pack of evidence: what is in it and what is not, the same bytes each time, and that a change shows."""

import hashlib
import json
import tracemalloc
import zipfile
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from incidents import conversation, corrections, evidence, lifecycle, majors, packs, parking
from incidents.models import Attachment, EvidencePack, Incident
from itsm import events, moment
from tests import factories
from tests.incidents.duties.conftest import content, every_word, lines
from tests.incidents.moments import at


@pytest.fixture
def morning(reported, made, agent, reporter, lead, owes) -> Incident:
    """A major incident with all that a pack can tell, restored at noon."""
    owes("gdpr")
    scribe = factories.UserFactory(name="Silent Scribe", agent=True, member_of=agent.memberships.get().team)
    with moment.travel(at("Mon 10:00")):
        majors.declare(reported, by=agent, reason="secret reason")
        majors.give_role(reported, by=agent, role="scribe", person=scribe)
        conversation.update(reported, by=agent, text="We are looking at the printer.")
        conversation.note(reported, by=scribe, text="secret note")
        upload = SimpleUploadedFile("relay log?.log", b"10:01 expired")
        parking.park(
            reported, by=scribe, kind="evidence", text="The relay's log", upload=upload, is_lost_on_restart=True
        )
        parking.park(reported, by=scribe, kind="hypothesis", text="secret guess")
        conversation.attach(reported, by=reporter, upload=SimpleUploadedFile("photo.txt", b"what I saw"))
        asked = evidence.before(reported, by=agent, what="restart", on="relay 1")
        evidence.decide(asked, by=agent, decision="captured", done=[0])
    with moment.travel(at("Mon 12:00")):
        lifecycle.restore(reported, by=agent, outcome="Printing works over printer 2.", restored_by="workaround")
    events.relay()
    reported.refresh_from_db()
    return reported


def test_it_holds_what_the_customer_needs_for_a_report(morning, made) -> None:
    pack = made(morning)

    assert (pack.state, pack.sha256) == ("ready", hashlib.sha256(Path(pack.file.path).read_bytes()).hexdigest())
    said = [row["said"] for row in lines(pack, "timeline")]
    assert "We are looking at the printer." in said
    update = next(row for row in lines(pack, "updates") if row["kind"] == "updated")
    assert (update["at_utc"], update["at_local"]) == ("2026-03-02T09:00:00Z", "2026-03-02T10:00:00+01:00")
    told = {row["channel"]: (row["told"], row["failed"]) for row in update["told"]}
    assert told["email"] == (1, 0)
    assert {"response", "restore"} <= {row["kind"] for row in lines(pack, "clocks")}
    restore = next(row for row in lines(pack, "clocks") if row["kind"] == "restore")
    assert restore["stretches"][0]["from_utc"] == "2026-03-02T08:00:00Z"
    assert [row["saved"] for row in lines(pack, "checklists")] == [["The log of the last hour"]]
    assert {row["what"] for row in lines(pack, "roles")} == {"Declared major", "Incident manager", "Scribe"}
    assert [row["name"] for row in lines(pack, "duties")] == ["GDPR: notice to the supervisory authority"]


def test_evidence_comes_with_its_files_and_their_hashes(morning, made) -> None:
    pack = made(morning)

    card, photo = lines(pack, "evidence")
    assert (card["is_lost_on_restart"], card["who"]) == (True, "our desk")
    assert content(pack, card["file"]) == b"10:01 expired"
    assert card["sha256"] == hashlib.sha256(b"10:01 expired").hexdigest()
    assert card["file"].endswith("relay_log_.log")
    assert (photo["who"], content(pack, photo["file"])) == ("Rosa Reporter", b"what I saw")
    assert {card["file_state"], photo["file_state"]} == {"same"}


def test_what_is_said_among_the_desk_stays_there(morning, made) -> None:
    words = every_word(made(morning))

    assert "secret" not in words
    assert "Silent Scribe" not in words
    assert "Ines Keller" in words  # who wrote to them


def test_for_our_own_use_it_holds_all(morning, made) -> None:
    words = every_word(made(morning, is_internal=True))

    missing = [each for each in ("secret note", "secret guess", "secret reason", "Silent Scribe") if each not in words]
    assert missing == []


def test_the_same_incident_makes_the_same_bytes(morning, made) -> None:
    first, second = made(morning), made(morning)

    with zipfile.ZipFile(first.file.path) as one, zipfile.ZipFile(second.file.path) as other:
        assert one.namelist() == other.namelist()
        differing = [name for name in one.namelist() if one.read(name) != other.read(name)]
    assert differing == ["made.json"]


def test_other_customers_reports_are_not_named(morning, made, reporter, stranger) -> None:
    ours, theirs = factories.open_incident(reporter), factories.open_incident(stranger)
    Incident.objects.filter(pk__in=[ours.pk, theirs.pk]).update(parent=morning, joined_at=at("Mon 10:30"))

    pack = made(morning)

    assert [row["reference"] for row in lines(pack, "reports")] == [ours.reference]
    assert theirs.reference not in every_word(pack)
    assert "said" not in lines(pack, "reports")[0]


def test_the_check_finds_nothing_and_says_the_hash(morning, made, tmp_path) -> None:
    pack, out = made(morning), StringIO()

    call_command("verify_pack", pack.file.path, "--sha256", pack.sha256, stdout=out)

    assert pack.sha256 in out.getvalue()


def test_sha256sum_can_check_it_too(morning, made) -> None:
    pack = made(morning)

    sums = dict(reversed(line.split("  ", 1)) for line in content(pack, "SHA256SUMS").decode().splitlines())
    manifest = {each["path"]: each["sha256"] for each in json.loads(content(pack, "manifest.json"))["files"]}
    assert sums == manifest | {"manifest.json": hashlib.sha256(content(pack, "manifest.json")).hexdigest()}


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("word", "timeline.jsonl was changed"),
        ("manifest", "manifest.json is not the one that was made"),
        ("more", "more.txt is not in the manifest"),
        ("less", "timeline.jsonl is missing"),
        ("cut", "cannot be read"),
    ],
)
def test_the_check_finds_each_change(morning, made, tmp_path, harm, said) -> None:
    changed = str(tmp_path / "changed.zip")
    _harmed(made(morning).file.path, changed, harm)

    with pytest.raises(CommandError, match=said):
        call_command("verify_pack", changed)


def _harmed(before: str, after: str, harm: str) -> None:
    if harm == "cut":
        with open(before, "rb") as whole, open(after, "wb") as part:
            part.write(whole.read(1000))
        return
    with zipfile.ZipFile(before) as one, zipfile.ZipFile(after, "w") as other:
        for name in one.namelist():
            words = one.read(name)
            if harm == "word" and name == "timeline.jsonl":
                words = words.replace(b"printer", b"plotter")
            if harm == "manifest" and name == "manifest.json":
                words = words.replace(b"Documents", b"Documented")
            if not (harm == "less" and name == "timeline.jsonl"):
                other.writestr(name, words)
        if harm == "more":
            other.writestr("more.txt", "slipped in")


def test_a_file_that_is_no_pack_is_said_so(tmp_path) -> None:
    (tmp_path / "no.zip").write_bytes(b"")

    for path, said in (("no.zip", "cannot be read"), ("nowhere.zip", "no file")):
        with pytest.raises(CommandError, match=said):
            call_command("verify_pack", str(tmp_path / path))


def test_another_hash_than_the_page_shows_is_a_fault(morning, made) -> None:
    with pytest.raises(CommandError, match="not the one you gave"):
        call_command("verify_pack", made(morning).file.path, "--sha256", "0" * 64)


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_evidence_that_is_not_as_it_was_uploaded_says_so(morning, made, harm) -> None:
    stored = Attachment.objects.get(name="relay log?.log").file
    if harm == "changed":
        with open(stored.path, "wb") as file:
            file.write(b"10:01 all is well")
    else:
        stored.storage.delete(stored.name)

    card = lines(made(morning), "evidence")[0]

    assert card["file_state"] == harm
    assert card["sha256"] == hashlib.sha256(b"10:01 expired").hexdigest()


def test_large_evidence_streams(morning, made, reporter) -> None:
    """Twice 40 MB go in, and never more than a few MB are held at once."""
    size, piece = 40 * 1024**2, b"0123456789abcdef" * 65536
    for number in range(2):
        big = Attachment(
            incident=morning, customer=morning.customer, uploaded_by=reporter, is_public=True, name=f"dump{number}.log",
            content_type="text/plain", size=size, sha256="0" * 64, added_at=at("Mon 11:00"),
        )  # fmt: skip
        big.file.save("x", ContentFile(b""), save=False)
        with open(big.file.path, "wb") as file:
            for _ in range(size // len(piece)):
                file.write(piece)
        big.save()

    tracemalloc.start()
    pack = made(morning)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert pack.state == "ready"
    assert pack.size > 2 * size
    assert peak < 12 * 1024**2


def test_who_asked_and_the_hash_are_in_the_history_and_in_no_pack(morning, made, agent) -> None:
    pack = made(morning)

    event = morning.events.latest("pk")
    assert (event.actor, event.data["did"], event.data["sha256"]) == (agent, "pack", pack.sha256)
    assert pack.sha256 not in every_word(made(morning, is_internal=True))


def test_asked_twice_it_is_one(morning, agent) -> None:
    first, second = packs.ask(morning, by=agent), packs.ask(morning, by=agent)

    assert first == second
    assert packs.ask(morning, by=agent, is_internal=True) != first


def test_what_a_killed_worker_left_is_made_and_what_kills_workers_is_given_up(morning, made, agent) -> None:
    left = packs.ask(morning, by=agent)
    EvidencePack.objects.filter(pk=left.pk).update(seen_at="2020-01-01T00:00:00Z", tries=2)
    packs.go_on()
    left.refresh_from_db()
    assert left.state == "ready"

    deadly = packs.ask(morning, by=agent)
    EvidencePack.objects.filter(pk=deadly.pk).update(seen_at="2020-01-01T00:00:00Z", tries=3)
    packs.go_on()
    deadly.refresh_from_db()
    assert deadly.state == "failed"


def test_while_somebody_works_at_it_nobody_else_does(morning, agent, made) -> None:
    pack = packs.ask(morning, by=agent)
    EvidencePack.objects.filter(pk=pack.pk).update(seen_at=Now())

    assert packs.go_on() == 0


def test_where_it_cannot_be_kept_it_says_so_and_leaves_nothing_behind(morning, agent, made, settings, tmp_path) -> None:
    (tmp_path / "blocked").write_text("a file where a folder should be")
    store = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "blocked"}}
    settings.STORAGES = settings.STORAGES | {"default": store}

    pack = made(morning)

    assert pack.state == "failed"
    assert not morning.events.filter(data__did="pack").exists()


def test_after_its_time_the_file_is_gone_and_the_hash_stays(morning, made, settings) -> None:
    settings.EVIDENCE_PACK_DAYS = 30
    pack = made(morning)
    path = pack.file.path

    assert packs.tidy() == 0
    with moment.travel(pack.made_at + timedelta(days=30)):
        assert packs.tidy() == 1

    kept = EvidencePack.objects.get(pk=pack.pk)
    assert (kept.state, kept.sha256) == ("deleted", pack.sha256)
    assert not Path(path).exists()


def test_names_that_would_lead_out_of_the_pack_do_not(morning, made, reporter) -> None:
    upload = SimpleUploadedFile("x.txt", b"evil")
    attachment = conversation.attach(morning, by=reporter, upload=upload)
    Attachment.objects.filter(pk=attachment.pk).update(name="../../etc/passwd\n.txt")

    with zipfile.ZipFile(made(morning).file.path) as inside:
        assert all(name.count("/") <= 1 and ".." not in name for name in inside.namelist())


def test_words_are_words_and_no_markup(morning, made, agent) -> None:
    conversation.update(morning, by=agent, text="<script>alert(1)</script> & more")

    page = content(made(morning), "timeline.html").decode()

    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page


def test_it_speaks_the_customers_language(morning, made, town) -> None:
    town.language = "de"
    town.save()

    assert '<html lang="de">' in content(made(morning), "timeline.html").decode()


def test_with_another_customer_its_packs_and_duties_are_gone(morning, made, agent, team) -> None:
    pack = made(morning)
    other = factories.CustomerFactory(name="Clinic")
    team.customers.add(other)

    corrections.correct_customer(morning, by=agent, reporter=factories.UserFactory(customer=other))
    packs.tidy()

    pack.refresh_from_db()
    assert (pack.state, pack.customer) == ("deleted", other)
    assert not morning.external_duties.exists()
