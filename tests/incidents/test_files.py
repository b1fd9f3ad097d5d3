"""What may be attached, told by content; and what is said to the person whose file is not taken."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents import conversation, files
from incidents.models import Attachment
from tests.incidents.moments import history

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 64
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0" + b"\0" * 64 + b"\xff\xd9"
GIF = b"GIF89a\x01\0\x01\0\x80\0\0" + b"\0" * 32
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF"
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 40
LIMIT = 10_000


def office(folder):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{folder}/document.xml", "<x/>")
    return body.getvalue()


def examine(name, content):
    return files.examine(SimpleUploadedFile(name, content), limit=LIMIT)


@pytest.mark.parametrize(
    ("name", "content", "kept_as"),
    [
        ("a.png", PNG, "image/png"),
        ("IMG_0042.JPG", JPEG, "image/jpeg"),
        ("b.jpeg", JPEG, "image/jpeg"),
        ("c.gif", GIF, "image/gif"),
        ("d.webp", WEBP, "image/webp"),
        ("letter.pdf", PDF, "application/pdf"),
        ("printer.log", b"12:00 jam\n", "text/plain"),
        ("list.csv", b"a;b\n1;2\n", "text/csv"),
        ("notes.txt", "Größe: 3 µm".encode(), "text/plain"),
        ("x.docx", office("word"), files.ALLOWED["docx"]),
        ("y.xlsx", office("xl"), files.ALLOWED["xlsx"]),
    ],
)
def test_what_people_attach_is_kept_by_its_kind(name, content, kept_as):
    assert examine(name, content) == kept_as


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<html></html>"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("setup.exe", b"MZ\x90"),
        ("archive.zip", office("word")),
        ("no-ending", PNG),
        ("png", PNG),
        (".png.exe", PNG),
    ],
)
def test_kinds_that_are_not_kept_are_refused_with_those_that_are(name, content):
    with pytest.raises(files.FileRefused, match="png, jpg") as refused:
        examine(name, content)

    assert refused.value.status == 422


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.png", b"<html><script>alert(1)</script>"),
        ("photo.png", JPEG),
        ("photo.jpg", PDF),
        ("photo.gif", b"MZ\x90\0" * 20),
        ("report.pdf", b"just words"),
        ("notes.txt", b"  <!doctype html><script>"),
        ("notes.txt", b"a\0b"),
        ("x.docx", office("xl")),
        ("y.xlsx", b"PK\x03\x04" + b"\0" * 50),
    ],
)
def test_disguised_files_are_refused(name, content):
    with pytest.raises(files.FileRefused, match="not what its name says"):
        examine(name, content)


def test_too_large_is_said_with_the_limit():
    with pytest.raises(files.FileTooLarge, match="at most") as refused:
        files.examine(SimpleUploadedFile("a.txt", b"a" * 3_000_000), limit=2 * 1024**2)

    assert refused.value.status == 413
    assert "2 MB" in refused.value.sentence


def test_empty_is_refused():
    with pytest.raises(files.FileRefused, match="empty"):
        examine("a.txt", b"")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Rosa\\scan.pdf", "scan.pdf"),
        ("a\0b\r\n.txt", "ab .txt"),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
        (None, "file"),
        ("", "file"),
    ],
)
def test_name_is_only_displayed_and_carries_no_folder(given, shown):
    assert files.display_name(given) == shown


def test_kept_file_lies_under_a_random_name_with_its_digest(incident, reporter):
    upload = SimpleUploadedFile("evil.png", PNG, content_type="text/html")

    attachment = conversation.attach(incident, by=reporter, upload=upload)

    assert "evil" not in attachment.file.name
    assert (attachment.content_type, attachment.size, len(attachment.sha256)) == ("image/png", len(PNG), 64)
    with attachment.file.open() as kept:
        assert kept.read() == PNG


def test_refused_file_leaves_nothing(incident, reporter):
    with pytest.raises(files.FileRefused):
        conversation.attach(incident, by=reporter, upload=SimpleUploadedFile("a.png", b"MZ"))

    assert not Attachment.objects.exists()
    assert history(incident) == ["opened"]
