"""The production shape, as far as a machine without a container engine can check it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_the_shape_is_complete(compose) -> None:
    assert set(compose["services"]) == {
        "migrate", "web", "worker", "mailer", "caller", "mail-in", "beat", "database", "redis", "proxy",
    }  # fmt: skip


def test_images_are_pinned(compose) -> None:
    images = [service["image"] for service in compose["services"].values()]

    assert [image for image in images if not re.search(r":\d+\.\d+", image)] == []


def test_everything_that_stays_up_has_a_health_check(compose) -> None:
    web = "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()

    without = {name for name, service in compose["services"].items() if "healthcheck" not in service}

    assert without == {"web"}
    assert web, "the web's health check stands in the image"


def test_data_lies_in_named_volumes(compose) -> None:
    assert "database:/var/lib/postgresql" in compose["services"]["database"]["volumes"]
    assert set(compose["volumes"]) == {"database", "redis", "media", "certificates"}


def test_secrets_come_from_files(compose) -> None:
    text = (ROOT / "docker-compose.yml").read_text()

    assert set(compose["secrets"]) == {"secret_key", "database_password"}
    assert not re.search(r"PASSWORD: |SECRET_KEY: ", text)


def test_the_image_runs_as_nobody_in_particular() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()

    assert "USER evenkeel" in lines
    assert len([line for line in lines if line.startswith("FROM ")]) == 2


def test_all_queues_are_worked_and_mail_by_a_worker_of_its_own(compose) -> None:
    commands = [compose["services"][name]["command"] for name in ("worker", "mailer", "caller")]

    assert [command[command.index("--queues") + 1] for command in commands] == ["default,sweep", "mail,long", "hooks"]


def test_what_the_image_copies_is_all_its_build_needs(tmp_path) -> None:
    """The first stage played here: the same files, the same last command, with this environment's Python."""
    stage = (ROOT / "Dockerfile").read_text().split("\nFROM ")[1]
    for line in re.findall(r"^COPY (.+)$", stage, re.M):
        *sources, target = line.split()
        for source in sources:
            into = tmp_path / target / source if target.endswith("/") else tmp_path / target
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(ROOT / source, into) if (ROOT / source).is_dir() else shutil.copy(ROOT / source, into)
    (settings,) = re.findall(r"^RUN (EVENKEEL.+) /venv/bin/python manage.py collectstatic", stage, re.M)
    environment = dict(pair.split("=", 1) for pair in settings.replace("/app/var", str(tmp_path / "var")).split())

    done = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "var").rglob("base.*.css.gz"))
