"""The newest set of freezing triggers: what the migrations leave in the database."""

from importlib import import_module
from pathlib import Path

import annotations.migrations

_folder = Path(annotations.migrations.__file__).parent
_newest = max(_folder.glob("_triggers_v*.py"), key=lambda path: int(path.stem.removeprefix("_triggers_v")))
triggers = import_module(f"annotations.migrations.{_newest.stem}")
