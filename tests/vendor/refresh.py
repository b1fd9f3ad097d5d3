"""Brings the vendored front-end files up to the versions named in their manifests, by the npm client. Run by hand.

`python tests/vendor/refresh.py` after changing a version. Files are copied as published, only without their
source-map comments: Django's manifest storage stops at a map that is not there.
"""

import hashlib
import json
import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MANIFESTS = [ROOT / folder / "manifest.json" for folder in ("static/vendor", "tests/vendor", "problems/fonts")]
SOURCE_MAP = re.compile(rb"\n?(//# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*\Z")


def main() -> None:
    for manifest in MANIFESTS:
        packages = json.loads(manifest.read_text())
        with tempfile.TemporaryDirectory() as scratch:
            for package in packages:
                bring(package, manifest.parent, Path(scratch))
        manifest.write_text(json.dumps(packages, indent=2) + "\n")


def bring(package: dict, target: Path, scratch: Path) -> None:
    wanted = f"{package['name']}@{package['version']}"
    subprocess.run(["npm", "install", "--no-save", "--ignore-scripts", "--prefix", scratch, wanted], check=True)
    brought = scratch / "node_modules" / package["name"]
    package["licence"] = json.loads((brought / "package.json").read_text())["license"]
    for file in package["files"]:
        if "symbols" in file:
            content = sprite(brought, file["symbols"])
        else:
            content = SOURCE_MAP.sub(b"\n", (brought / file["source"]).read_bytes())
        (target / file["path"]).write_bytes(content)
        file["sha256"] = hashlib.sha256(content).hexdigest()


def sprite(brought: Path, names: list[str]) -> bytes:
    """One SVG of symbols, so that a page loads its icons once."""
    symbols = []
    for name in sorted(names):
        drawing = (brought / "icons" / f"{name}.svg").read_text()
        shapes = re.sub(r"\s+", " ", re.search(r"<svg.*?>(.*)</svg>", drawing, re.S).group(1)).strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>')
    licence = "<!-- Lucide icons, ISC licence -->"
    return f'<svg xmlns="http://www.w3.org/2000/svg">{licence}\n{chr(10).join(symbols)}\n</svg>\n'.encode()


if __name__ == "__main__":
    main()
