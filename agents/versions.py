"""Which versions of packages are installed: for the doctor, for adapter cards and for measurements."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version


def installed_version(package: str) -> str | None:
    """The version of an installed package; None for one that is not there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def installed_versions(packages: Iterable[str]) -> dict[str, str]:
    """{package: version} of those that are installed, in the order of `packages`."""
    return {package: found for package in packages if (found := installed_version(package))}
