"""Pictures of every page, wide and narrow, light and dark, to look at: `python -m tests.browser.screenshots -o DIR`.

A server is started over `--data-dir` (by default the user's own graph), or `--url` names one that runs.
"""

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path

from tests.browser.addresses import PAGES
from tests.browser.conftest import WIDTHS
from tests.chromium import chromium

TALLEST = 6000
SCHEMES = ("light", "dark")
# What waits until it comes into view is drawn too.
_SEEN = """async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += 600) {
    window.scrollTo({ top: y, behavior: "instant" });
    await new Promise((done) => setTimeout(done, 40));
  }
  window.scrollTo({ top: 0, behavior: "instant" });
}"""


def take(
    url: str, folder: Path, names: list[str], widths: Sequence[int] = WIDTHS, schemes: Sequence[str] = SCHEMES
) -> None:
    """Save a picture of each named page of the server at `url` in each width and colour scheme."""
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for width in widths:
            for scheme in schemes:
                page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                for name in names:
                    page.goto(url + PAGES[name])
                    page.evaluate(_SEEN)
                    page.wait_for_load_state("networkidle")
                    height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
                    clip = {"x": 0, "y": 0, "width": width, "height": height}
                    page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True, clip=clip)
                page.close()


def main() -> None:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--url")
    parser.add_argument("--width", type=int, nargs="+", default=WIDTHS)
    parser.add_argument("--scheme", nargs="+", default=SCHEMES, choices=SCHEMES)
    parser.add_argument("names", nargs="*", default=list(PAGES))
    asked = parser.parse_args()
    if asked.url:
        take(asked.url.rstrip("/"), asked.output, asked.names, asked.width, asked.scheme)
        return
    settings = importlib.import_module("server.settings")
    running = importlib.import_module("tests.live").Running()
    try:
        live = running.start(asked.data_dir or settings.default_data_dir())
        take(live.url, asked.output, asked.names, asked.width, asked.scheme)
    finally:
        running.stop()


if __name__ == "__main__":
    main()
