"""The signing key of one PETREVIEW_HOME, made once and readable by its owner only."""

import os
import secrets
from pathlib import Path


def load_or_make_secret_key(path: Path) -> str:
    """Two processes that start together agree: the file is created exclusively, the loser reads it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        temporary.touch(mode=0o600)
        temporary.write_text(secrets.token_urlsafe(64))
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_text().strip()
