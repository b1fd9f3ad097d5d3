"""The rules of the house, held by a machine."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.template.loader import get_template

ROOT = Path(__file__).parent.parent
FLOORS = ["itsm", "customers", "incidents", "problems", "notifications"]
CODE = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py") if "migrations" not in path.parts)
PRODUCT = [*CODE, ROOT / "portal.py", ROOT / "manage.py"]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html")) + sorted((ROOT / "templates").rglob("*.txt"))
# allauth and Django look these up by name; no file of ours mentions them.
LOOKED_UP_BY_NAME = (
    "account/",
    "mfa/",
    "allauth/",
    "socialaccount/",
    "400.html",
    "403.html",
    "404.html",
    "500.html",
    "403_csrf.html",
    "notifications/email/",
    "notifications/sms/",
)


CALLS_THIS_MACHINE = {"itsm/embedded/network.py", "itsm/embedded/sms_gateway.py"}


def code_lines(path: Path) -> int:
    return sum(1 for line in path.read_text().splitlines() if line.strip() and not line.strip().startswith("#"))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, from its first statement after the docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", PRODUCT, ids=str)
def test_files_are_small_and_say_what_is_at_home_there(path: Path) -> None:
    text = path.read_text()

    assert code_lines(path) <= 400
    assert not text.strip() or ast.get_docstring(ast.parse(text)), "the first line says what is at home here"
    assert path.name not in {"utils.py", "helpers.py", "misc.py"}


@pytest.mark.parametrize("path", PRODUCT, ids=str)
def test_functions_are_short(path: Path) -> None:
    long = {function.name: length(function) for function in functions(path) if length(function) > 40}

    assert long == {}


@pytest.mark.parametrize("path", TESTS, ids=str)
def test_tests_are_short(path: Path) -> None:
    long = {f.name: length(f) for f in functions(path) if f.name.startswith("test_") and length(f) > 30}

    assert code_lines(path) <= 500
    assert long == {}


@pytest.mark.parametrize("path", CODE, ids=str)
def test_no_hidden_wiring(path: Path) -> None:
    text = path.read_text()

    for forbidden in ("@receiver", "GenericForeignKey", "mark_safe", "pickle", "shell=True", ".raw(", ".extra("):
        assert forbidden not in text


@pytest.mark.parametrize("path", [path for path in CODE if path.name != "outbound.py"], ids=str)
def test_one_client_calls_other_servers(path: Path) -> None:
    """It checks where an address leads (itsm.outbound). The embedded run's own programs talk to this machine only."""
    clients = r"urllib3|requests|httpx|aiohttp|http\.client|urllib\.request|pycurl|websockets"
    found = re.findall(rf"^\s*(?:from|import) (?:{clients})\b.*", path.read_text(), re.M)

    assert found == (["import urllib.request"] if str(path.relative_to(ROOT)) in CALLS_THIS_MACHINE else [])


def test_every_model_says_what_it_is() -> None:
    own = [model for model in apps.get_models() if model.__module__.split(".")[0] in FLOORS]

    assert [m.__name__ for m in own if not m.__doc__ or m.__doc__.startswith(m.__name__ + "(")] == []


def test_every_table_of_a_customer_names_the_customer() -> None:
    """So that row-level security, partitions and exports stay simple."""
    shared = {
        "Customer", "Calendar", "Policy", "LevelTemplate", "Import", "Team", "Membership", "User", "StaffEvent",
        "Heartbeat",
    }  # fmt: skip
    own = [model for model in apps.get_models() if model.__module__.split(".")[0] in FLOORS]
    fields = {model.__name__: {f.name for f in model._meta.get_fields()} for model in own}

    assert {name for name, names in fields.items() if "customer" not in names} <= shared


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_templates_are_small_and_have_nothing_inline(path: Path) -> None:
    text = path.read_text()

    assert len(text.splitlines()) <= 120
    get_template(str(path.relative_to(ROOT / "templates")))
    if "notifications/email" not in str(path):  # mail programs know no style sheets
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"|<script(?![^>]*\bsrc=)(?![^>]*json)", text)


def test_fragments_have_one_root_named_like_them() -> None:
    """So that what htmx swaps is what the page shows; pieces that only other templates include may be anything."""
    views, apart = "".join(path.read_text() for path in CODE), []
    for path in TEMPLATES:
        is_swapped = f'"{path.relative_to(ROOT / "templates")}"' in views
        if path.name.startswith("_") and is_swapped and "components" not in path.parts and path.suffix == ".html":
            tags = re.findall(
                r"<[a-z][^>]*>",
                re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", path.read_text(), flags=re.S),
                re.S,
            )
            name = path.stem.removeprefix("_").replace("_", "-")
            if not tags or not re.search(rf'\bid="{name}[-"{{]', tags[0]):
                apart.append(str(path.relative_to(ROOT)))

    assert apart == []


def test_no_form_is_cut_off_from_its_token() -> None:
    """`include ... only` leaves the token behind with everything else: the form would be refused."""
    texts = {str(path.relative_to(ROOT / "templates")): path.read_text() for path in TEMPLATES}
    included = {name: set(re.findall(r'include "([^"]+)"', words)) for name, words in texts.items()}

    def has_form(name: str) -> bool:
        return "{% csrf_token %}" in texts[name] or any(has_form(each) for each in included[name])

    alone = {name for words in texts.values() for name in re.findall(r'include "([^"]+)"[^%]* only %', words)}
    assert [name for name in sorted(alone) if has_form(name)] == []


def test_no_template_is_unused() -> None:
    everything = "".join(path.read_text() for path in [*CODE, *TEMPLATES])
    names = [str(path.relative_to(ROOT / "templates")) for path in TEMPLATES]

    assert [name for name in names if name not in everything and not name.startswith(LOOKED_UP_BY_NAME)] == []


def test_colours_are_named_in_one_file() -> None:
    sheets = [path for path in (ROOT / "static" / "css").glob("*.css") if path.name != "tokens.css"]

    assert [p.name for p in sheets if re.search(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(", p.read_text())] == []


def test_each_exception_from_a_rule_has_its_reason() -> None:
    bare = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in PRODUCT
        for line in path.read_text().splitlines()
        if re.search(r"# noqa: [A-Z0-9, ]+$|# type: ignore\[[a-z, -]+\]$|# noqa\s*$|# pragma: no cover\s*$", line)
    ]

    assert bare == []


def test_no_todo_without_an_issue() -> None:
    assert [str(path) for path in PRODUCT if re.search(r"\b(TODO|FIXME|XXX)\b(?! #\d)", path.read_text())] == []


def test_each_dependency_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    project = tomllib.loads(text)["project"]
    names = [*project["dependencies"], *project["optional-dependencies"]["embedded"]]

    assert [name for name in names if not re.search(rf'"{re.escape(name)}",\s+# \w', text)] == []


@pytest.mark.parametrize(
    ("document", "least"),
    [("docs/an-incident-from-click-to-mail.md", 15), ("docs/architecture.md", 4), ("CONTRIBUTING.md", 5)],
)
def test_the_guides_name_files_that_exist(document, least) -> None:
    named = set(re.findall(r"`([a-z_]+/[\w/.-]+\.\w+)`", (ROOT / document).read_text()))

    assert len(named) >= least
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_nothing_names_a_machine_or_a_registry() -> None:
    """Addresses of registries and paths of somebody's machine do not belong in the repository."""
    suspicious = re.compile(r"pypi\.org|registry\.npmjs|files\.pythonhosted|/work/main|\.\./shared")
    tracked = [
        *PRODUCT,
        *TESTS,
        *TEMPLATES,
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "requirements").glob("*.txt"),
        *ROOT.glob("*.md"),
        *ROOT.glob("*.yml"),
        *ROOT.glob("Dockerfile"),
    ]

    assert [str(p.relative_to(ROOT)) for p in tracked if p != Path(__file__) and suspicious.search(p.read_text())] == []
