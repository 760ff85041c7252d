"""What keeps the house in order: lint, types, floors, sizes, words that may not stand in it."""

import ast
import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

from provisioner.config import load, parse
from provisioner.fault import PlainError

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
CODE = sorted(path for room in ("provisioner", "simulators", "benchmarks", "tests") for path in (ROOT / room).rglob("*.py"))
PRODUCT = [path for path in CODE if path.is_relative_to(ROOT / "provisioner")]
FILE_MOST_LINES = 400
FUNCTION_MOST_LINES = 60


def _run(*command: str) -> None:
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_lint():
    _run("ruff", "check", ".")


@pytest.mark.timeout(300)
def test_types():
    _run("mypy")


def test_floors():
    _run("lint-imports")


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_sizes(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= FILE_MOST_LINES, f"{path} has grown past {FILE_MOST_LINES} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno - node.lineno < FUNCTION_MOST_LINES, f"{path}: {node.name} has grown past {FUNCTION_MOST_LINES} lines"


def test_only_the_clock_asks_what_time_it_is():
    asks = re.compile(r"datetime\.now\(|datetime\.utcnow\(|time\.time\(|datetime\.today\(|date\.today\(")
    guilty = [str(path.relative_to(ROOT)) for path in PRODUCT if asks.search(path.read_text(encoding="utf-8")) and path.name != "clock.py"]
    assert guilty == []


def test_everything_public_has_a_docstring():
    bare = []
    for path in PRODUCT:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree) and "migrations" not in path.parts:
            bare.append(str(path.relative_to(ROOT)))
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_") and not ast.get_docstring(node) \
                    and "migrations" not in path.parts:
                bare.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert bare == []


def test_no_fault_is_swallowed():
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                broad = node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException"))
                silent = all(isinstance(inner, (ast.Pass, ast.Continue)) for inner in node.body)
                assert not (broad and silent), f"{path}:{node.lineno} swallows every fault"


def test_example_settings_are_loaded_and_complete():
    settings = load(ROOT / "systemd" / "provisioner.toml")
    assert settings.policy.policy() == parse({"store": {"url": "sqlite://"}}).policy.policy(), "the example shows the defaults"
    text = (ROOT / "systemd" / "provisioner.toml").read_text(encoding="utf-8")
    for section in (type(settings), *(type(getattr(settings, name)) for name in ("store", "broker", "http", "camera", "post", "night", "policy", "sign", "documents"))):
        for key in section.model_fields:
            assert re.search(rf"^(# )?(\[(\w+\.)?)?{key}\]?( |$)", text, re.MULTILINE), f"the example does not show {key}"


def test_unknown_setting_is_named_with_the_nearest_one():
    with pytest.raises(PlainError, match=r"policy\.booking_margin_hours is not a key; did you mean booking_margin_h"):
        parse({"store": {"url": "sqlite://"}, "policy": {"booking_margin_hours": 3}})


def test_unit_file_starts_what_exists():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(ROOT / "systemd" / "provisioner.service")
    service = unit["Service"]
    assert service["Type"] == "notify" and service["LimitCORE"] == "0" and int(service["WatchdogSec"]) > 0
    assert " run --config /etc/provisioner/provisioner.toml" in service["ExecStart"]
    named = set(re.findall(r"LoadCredential=([\w.-]+):", (ROOT / "systemd" / "provisioner.service").read_text(encoding="utf-8")))
    assert named == {"personal-key", "camera-key", "receipt-key", "mqtt-password", "api-token", "cameras.toml", "smtp-password", "webhook-url", "webhook-secret"}


def test_readme_commands_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^make (\w+)", text, re.MULTILINE))
    assert {"demo", "test"} <= targets
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
