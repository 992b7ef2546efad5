"""Profiles share an account, or not: who is stopped together, and who is looked up where."""

from __future__ import annotations

from pathlib import Path

from vaguemestre.deployment import Deployment
from vaguemestre.plugins import Registry

ADDRESSES = """
authentication_url = "https://a.example.org/authentifier/1.0/"
deposit_url = "https://d.example.org/deposer-dsn/1.0/"
"""
PROFILE = """
[[profile]]
name = "{name}"
platform = "net-entreprises"
credential = "{credential}"
scope = {{ company = "{company}" }}
[profile.settings]
timeout_seconds = {timeout}
consultation_url = "https://{host}/"
"""


def accounts(folder: Path, *profiles: tuple[str, str, str]) -> dict[str, str]:
    text = '[store]\npath = "s.db"\n'
    for number, (name, credential, host) in enumerate(profiles):
        text += PROFILE.format(
            name=name, credential=credential, host=host, company=number, timeout=10 + number
        )
        text += ADDRESSES
    (folder / "v.toml").write_text(text, "utf-8")
    with Deployment.open(folder / "v.toml", Registry().load()) as deployment:
        return {p.name: deployment.account_of(p) for p in deployment.config.profile}


def test_the_same_credential_at_the_same_endpoint_is_one_account(tmp_path: Path) -> None:
    found = accounts(tmp_path, ("a", "x", "c.example.org"), ("b", "x", "c.example.org"))
    assert found == {"a": "net-entreprises:x", "b": "net-entreprises:x"}


def test_the_same_credential_at_another_endpoint_is_another_account(tmp_path: Path) -> None:
    found = accounts(tmp_path, ("a", "x", "rg.example.org"), ("b", "x", "ra.example.org"))
    assert found == {"a": "net-entreprises:x", "b": "net-entreprises:x@ra.example.org"}


def test_a_second_profile_changes_nothing_for_the_first(tmp_path: Path) -> None:
    alone = accounts(tmp_path, ("a", "x", "rg.example.org"))
    both = accounts(tmp_path, ("a", "x", "rg.example.org"), ("b", "y", "ra.example.org"))
    assert both["a"] == alone["a"]
