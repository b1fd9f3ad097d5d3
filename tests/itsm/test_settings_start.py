"""The settings of the production shape start the application and pass Django's deploy checks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def production(tmp_path) -> dict[str, str]:
    """What docker-compose.yml sets, with this machine's database."""
    (tmp_path / "secret_key").write_text("".join(chr(33 + n % 90) for n in range(64)))
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "REDIS_URL": os.environ["REDIS_URL"],
        "EMAIL_URL": "smtp+tls://user:p%40ss@mail.example.com:587",
        "EVENKEEL_BASE_URL": "https://desk.example.com",
        "EVENKEEL_TRUSTED_PROXIES": "1",
        "EVENKEEL_MAIL_FROM": "Service desk <desk@example.com>",
        "EVENKEEL_SECRET_KEY_FILE": str(tmp_path / "secret_key"),
        "EVENKEEL_VAR": str(tmp_path),
    }


def run(code_or_args: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *code_or_args], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


def test_deploy_checks_are_clean(production) -> None:
    done = run(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], production)

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_deploy_checks_refuse_the_demo(production) -> None:
    done = run(["manage.py", "check", "--deploy"], production | {"EVENKEEL_DEMO": "1"})

    assert done.returncode == 1
    assert "itsm.E001" in done.stderr


def test_deploy_checks_refuse_calls_to_this_machine(production) -> None:
    done = run(["manage.py", "check", "--deploy"], production | {"EVENKEEL_OUTBOUND_LOOPBACK": "1"})

    assert done.returncode == 1
    assert "itsm.E002" in done.stderr


def test_the_application_loads_and_has_no_demo_pages(production) -> None:
    code = (
        "from itsm.wsgi import application\n"
        "from django.conf import settings; from django.urls import resolve, Resolver404\n"
        "assert settings.EMAIL_HOST_PASSWORD == 'p@ss' and settings.EMAIL_USE_TLS and not settings.DEBUG\n"
        "for path in ('/dev/mail/', '/components/'):\n"
        "    try: resolve(path)\n"
        "    except Resolver404: print('none')\n"
    )

    done = run(["-c", code], production)

    assert done.stdout.split() == ["none", "none"], done.stderr


def test_the_same_queues_in_settings_and_compose(production) -> None:
    code = "from itsm.celery import app; print(sorted({r['queue'] for r in app.conf.task_routes.values()}))"

    assert run(["-c", code], production).stdout.strip() == "['default', 'hooks', 'long', 'mail', 'sweep']"
