"""Starts other people's servers and reads what they got."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.faults.stack import ROOT, wait_for


@dataclass
class Receiver:
    """A running server: what it got, and how it is to answer."""

    folder: Path
    port: int
    scheme: str

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def answers(self, *script: dict[str, Any]) -> None:
        """One after another; the last one stays."""
        (self.folder / "script.tmp").write_text(json.dumps(script))
        os.rename(self.folder / "script.tmp", self.folder / "script")

    def forget(self) -> None:
        """As if it had just been started."""
        (self.folder / "script").unlink(missing_ok=True)
        for file in (self.folder / "requests").glob("*.json"):
            file.unlink()

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [json.loads(file.read_text()) for file in sorted((self.folder / "requests").glob("*.json"))]


@contextmanager
def running(folder: Path, certificate: tuple[Path, Path] | None = None) -> Iterator[Receiver]:
    folder.mkdir(exist_ok=True)
    (folder / "requests").mkdir()
    command = [sys.executable, "-m", "tests.receivers.server", str(folder), *map(str, certificate or ())]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for((folder / "port").exists)
        yield Receiver(folder, int((folder / "port").read_text()), "https" if certificate else "http")
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def receiver_process(tmp_path_factory) -> Iterator[Receiver]:
    """One for many tests: a process takes a while to start."""
    with running(tmp_path_factory.mktemp("receivers") / "plain") as receiver:
        yield receiver


@pytest.fixture
def receiver(receiver_process, settings) -> Receiver:
    """Somebody else's web server on this machine, which may be called here."""
    settings.OUTBOUND_LOOPBACK = True
    receiver_process.forget()
    return receiver_process


def closed_port() -> int:
    """Where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Authority:
    """Whoever signs certificates; `file` is what to trust."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Authority {folder.name}")])
        self.file = folder / "authority.pem"
        self.file.write_bytes(_pem(self._sign(self.name, self.key, x509.BasicConstraints(True, None), days=30)))

    def certificate(self, host: str, *, days: int = 30) -> tuple[Path, Path]:
        """Certificate and key for a host; negative days: it has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        alternative: x509.GeneralName = x509.DNSName(host)
        if host[0].isdigit():
            alternative = x509.IPAddress(ip_address(host))
        signed = self._sign(name, key, x509.SubjectAlternativeName([alternative]), days=days)
        certificate, secret = self.folder / f"{host}{days}.pem", self.folder / f"{host}{days}.key"
        certificate.write_bytes(_pem(signed))
        plain = serialization.NoEncryption()
        pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        secret.write_bytes(key.private_bytes(pem, form, plain))
        return certificate, secret

    def _sign(self, name: x509.Name, key: Any, extension: Any, *, days: int) -> x509.Certificate:
        until = datetime.now(UTC) + timedelta(days=days)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(self.name).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(until - timedelta(days=60))
        made = made.not_valid_after(until).add_extension(extension, critical=False)
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        made = made.add_extension(own, critical=False).add_extension(issuer, critical=False)
        return made.sign(self.key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
