"""Versions of what is installed, and nothing for what is not."""

from __future__ import annotations

from importlib.metadata import version

from agents.versions import installed_version, installed_versions


def test_a_package_that_is_not_installed_has_no_version_and_is_left_out() -> None:
    assert installed_version("no-such-package-here") is None
    assert installed_versions(["pytest", "no-such-package-here", "pydantic"]) == {
        "pytest": version("pytest"),
        "pydantic": version("pydantic"),
    }
