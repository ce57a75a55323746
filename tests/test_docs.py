"""The documents stay complete: settings, deployments and commands stand where people look."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from settings import Settings

ROOT = Path(__file__).parents[1]


def test_every_setting_stands_in_the_example_file() -> None:
    written = set(re.findall(r"^(MASHUP_\w+)=", (ROOT / ".env.example").read_text(), re.M))
    assert written == {f"MASHUP_{name.upper()}" for name in Settings.model_fields}


def test_every_deployment_stands_in_the_readme() -> None:
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    readme = (ROOT / "README.md").read_text()
    assert [d["name"] for d in deployments if f"`{d['name']}`" not in readme] == []


def test_each_deployment_is_named_like_its_flow() -> None:
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    modules = {
        d["name"]: ROOT / (d["entrypoint"].rsplit(".", 1)[0].replace(".", "/") + ".py")
        for d in deployments
    }
    assert [n for n, path in modules.items() if f'@flow(name="{n}"' not in path.read_text()] == []


def test_every_line_of_the_requirements_is_pinned_and_says_why() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    packages = [line for line in lines if line and not line.startswith("#")]
    assert [
        line for line in packages if not re.match(r"[\w.-]+==[\w.]+(;[^#]+)? +# \S", line)
    ] == []
