"""The production shape, as far as a machine without a container engine can check it."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_the_shape_is_complete(compose) -> None:
    assert set(compose["services"]) == {"migrate", "web", "worker", "mailer", "beat", "database", "redis", "proxy"}


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
    commands = [compose["services"][name]["command"] for name in ("worker", "mailer")]

    assert [command[command.index("--queues") + 1] for command in commands] == ["default,sweep", "mail"]
