"""What an operator may set: one row a setting (name, default, help), read by code, command line and docs."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from graph.snapshot import KEPT
from server.federation import checked

ENVIRONMENT: Final = "PARTNERGRAPH_"


def public_address(text: str) -> str:
    """Give the address `text` as it is put before paths, without a slash at its end; ValueError where it is none."""
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError("an address begins with http:// or https:// and a host")
    if parts.query or parts.fragment or "//" in parts.path or not text.isascii() or not text.isprintable():
        raise ValueError("an address ends with a plain path, without query and fragment")
    if not 0 < (parts.port or 1) < 65536:
        raise ValueError("its port is none")
    return text.rstrip("/")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its `name`, its default, what it means, the least and most where it is a number, and `read`,
    which gives the value that a text means where that is more than its type; `many` where the option may be repeated.
    """

    name: str
    default: Any
    help: str
    least: float | None = None
    most: float = math.inf
    read: Callable[[str], Any] | None = None
    many: bool = False


SETTINGS: Final = (
    Setting("host", "127.0.0.1", "Address to listen on; loopback unless you open it."),
    Setting("port", 8000, "Port to listen on.", 1, 65535),
    Setting(
        "public_url", "", "Address that clients use where a proxy stands in front (https://example.org/graph); every "
        "address of this service in an answer begins with it.", read=public_address,
    ),
    Setting("timeout", 10.0, "Seconds a query may run before its worker is killed and the answer is 503.", 0.01),
    Setting("memory", 2048, "MiB a worker may hold; past it the query is answered 503.", 128),
    Setting("result_size", 256, "MiB an answer may have; a larger one is answered 503, never cut.", 1),
    Setting("body_size", 1024, "KiB a request body may have; a larger one is answered 413.", 1),
    Setting("workers", 4, "Queries that run at the same time.", 1),
    Setting("queue", 64, "Queries that may wait for a worker; one more is answered 503 with Retry-After.", 0),
    Setting("spool_size", 4096, "MiB of large answers that may wait on the disk for their clients; past it one more is "
            "answered 503.", 1),
    Setting("cache_size", 64, "MiB of answers kept for equal requests to the endpoint; 0 keeps none.", 0),
    Setting(
        "service", "", "Endpoint that queries may call with SERVICE; with addresses behind it, only these are asked. "
        "None by default.", read=checked, many=True,
    ),
    Setting("token_file", "", "File of tokens that let changes in, one name:token a line; without one, and without "
            "PARTNERGRAPH_TOKEN, nobody may write."),
    Setting("keep", KEPT, "Versions kept; a change lets go of the oldest beyond them.", 2),
    Setting("log", "", "File for one JSON line a request; '-' for standard error, empty for none."),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one service; `data_dir` holds its graph."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    timeout: float = 10.0
    memory: int = 2048
    result_size: int = 256
    body_size: int = 1024
    workers: int = 4
    queue: int = 64
    spool_size: int = 4096
    cache_size: int = 64
    service: str = ""
    token_file: str = ""
    keep: int = KEPT
    log: str = ""

    def environment(self) -> dict[str, str]:
        """Give the settings as the environment variables that `from_environment` reads."""
        return {ENVIRONMENT + f.name.upper(): str(getattr(self, f.name)) for f in fields(self)}


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from `PARTNERGRAPH_<NAME>` variables; ValueError names the variable that is no good."""
    given: dict[str, Any] = {"data_dir": Path(environment.get(ENVIRONMENT + "DATA_DIR") or default_data_dir())}
    for setting in SETTINGS:
        text = environment.get(ENVIRONMENT + setting.name.upper())
        if text is not None:
            given[setting.name] = parse(setting, text)
    return Settings(**given)


def parse(setting: Setting, text: str) -> Any:
    """Give the value that `text` means for `setting`; ValueError where it is of the wrong type or out of bounds."""
    if setting.read is not None:
        try:
            return setting.read(text)
        except ValueError as error:
            raise ValueError(f"{ENVIRONMENT}{setting.name.upper()}: {text!r}: {error}") from error
    try:
        value = type(setting.default)(text)
    except ValueError:
        wanted = "a whole number" if isinstance(setting.default, int) else "a number"
        raise ValueError(f"{ENVIRONMENT}{setting.name.upper()}: {text!r} is not {wanted}") from None
    if setting.least is not None and not (setting.least <= value <= setting.most and math.isfinite(value)):
        bounds = f"{setting.least:g} or more" if setting.most == math.inf else f"{setting.least:g} to {setting.most:g}"
        raise ValueError(f"{ENVIRONMENT}{setting.name.upper()}: {text} is not {bounds}")
    return value


def default_data_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """Give where the graph lies unless told: `PARTNERGRAPH_DATA_DIR`, else the user's data folder (XDG)."""
    told = environment.get(ENVIRONMENT + "DATA_DIR")
    if told:
        return Path(told)
    base = environment.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "partnergraph"
