"""What others wrote is as they published it: name, version, licence and hash stand in a manifest."""

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
MANIFESTS = [ROOT / folder / "manifest.json" for folder in ("static/vendor", "tests/vendor", "problems/fonts")]
FONTS = "SEE LICENSE IN README.md AND LICENSE"  # of DejaVu: Bitstream Vera's, which lies beside them
FILES = [
    (m.parent, package, file) for m in MANIFESTS for package in json.loads(m.read_text()) for file in package["files"]
]


@pytest.mark.parametrize(("folder", "package", "file"), FILES, ids=[file["path"] for _, _, file in FILES])
def test_vendored_file_is_as_published(folder, package, file):
    content = (folder / file["path"]).read_bytes()

    assert hashlib.sha256(content).hexdigest() == file["sha256"]
    assert package["licence"] in {"MIT", "0BSD", "ISC", "MPL-2.0", FONTS}
    assert b"sourceMappingURL=" not in content[-200:]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=str)
def test_vendored_folder_holds_nothing_else(manifest):
    named = {file["path"] for package in json.loads(manifest.read_text()) for file in package["files"]}
    found = {path.name for path in manifest.parent.iterdir() if path.is_file()}

    assert found - {"manifest.json", "refresh.py"} == named
