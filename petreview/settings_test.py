"""Settings of the test run: a home of its own, never the user's."""

import os
import tempfile

os.environ.setdefault("PETREVIEW_HOME", tempfile.mkdtemp(prefix="petreview-test-"))
os.environ.setdefault("PETREVIEW_LOGIN_RATE", "1000/min")

from petreview.settings import *  # noqa: F403

# A file, as in a running app: threads of an in-memory database do not queue for the write lock.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"].setdefault("TEST", {})["NAME"] = str(HOME / "test.sqlite3")  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
