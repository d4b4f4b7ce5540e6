"""What replaces identifiers: made by HMAC-SHA256 with the project's secret, the same every time."""

import hashlib
import hmac

from pydicom._uid_dict import UID_dictionary

from annotations.dicom import sop_classes

DICOM_ROOT = "1.2.840.10008."
NEAREST_DAYS, FARTHEST_DAYS = 30, 3680


class Keyed:
    """Without the secret nobody can go back, nor check a guess."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("the secret of a project has at least 16 bytes")
        self._secret = secret

    def digest(self, purpose: str, text: str) -> bytes:
        return hmac.digest(self._secret, f"{purpose}\0{text}".encode("utf-8", "replace"), hashlib.sha256)

    def uid(self, uid: str) -> str:
        """A UID of the form 2.25. Those that the standard itself defines stay."""
        if is_standard_uid(uid):
            return uid
        return f"2.25.{int.from_bytes(self.digest('uid', uid)[:16], 'big')}"

    def code(self, purpose: str, text: str, length: int = 8) -> str:
        """Upper-case hexadecimal."""
        return self.digest(purpose, text).hex()[:length].upper()

    def offset_days(self, patient_id: str) -> int:
        """Whole days, always back in time, between one month and ten years. Whole days keep the time of
        day, so that uptake and decay times stay what they were, also across midnight.
        """
        number = int.from_bytes(self.digest("dates", patient_id)[:8], "big")
        return -(NEAREST_DAYS + number % (FARTHEST_DAYS - NEAREST_DAYS + 1))


def is_standard_uid(uid: str) -> bool:
    return uid.startswith(DICOM_ROOT) and (uid in UID_dictionary or uid in sop_classes.KINDS)
