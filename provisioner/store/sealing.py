"""Personal data under seal: AES-256-GCM, so that no name, number, address or phone can be read in the database file, its WAL or a backup.

A sealed blob is one byte of key id, twelve random bytes of nonce, then ciphertext and tag. What the blob is about (`person/<ref>`) is authenticated
with it: a blob copied to another person's row does not open. A ring holds several keys: the newest seals, all of them open, and `rotating.py` takes
the rows from the old ones to the newest.
"""

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from provisioner.fault import PlainError, Text

KEY_LENGTH = 32  # bytes; AES-256
KEY_ID_MOST = 255  # one byte
_NONCE_LENGTH = 12  # bytes; NIST SP 800-38D 8.2. Random nonces are safe for 2**32 seals under one key; we seal a few thousand a year.


class Sealer:
    """Seals with the newest key of a ring and opens with any. `repr` shows nothing of it."""

    def __init__(self, keys: bytes | Mapping[int, bytes], name: str = "personal-key") -> None:
        """`keys`: 32 bytes each, by key id from 1; a bare key is number 1. `name`: what the secret is called, for the sentence about a key that is missing.

        Raises `PlainError` (`bad_key`) for any other length, number, or an empty ring.
        """
        ring = {1: keys} if isinstance(keys, bytes) else dict(keys)
        if not ring or not all(1 <= number <= KEY_ID_MOST for number in ring):
            raise PlainError("bad_key", Text(f"Nycklarna ska ha nummer från 1 till {KEY_ID_MOST}.", f"Keys are numbered from 1 to {KEY_ID_MOST}."), exit_code=78)
        for key in ring.values():
            if len(key) != KEY_LENGTH:
                raise PlainError("bad_key", Text(f"Nyckeln för personuppgifter ska vara {KEY_LENGTH} byte lång men är {len(key)}.",
                                                 f"The key for personal data must be {KEY_LENGTH} bytes long but is {len(key)}."), exit_code=78)
        self._ring = {number: AESGCM(key) for number, key in ring.items()}
        self._name = name
        self.newest = max(ring)
        self.key_ids = tuple(sorted(ring))
        self._first_key = ring[min(ring)]

    def name_of(self, key_id: int) -> str:
        """The secret that holds this key: `personal-key`, `personal-key-2`."""
        return self._name if key_id == 1 else f"{self._name}-{key_id}"

    def first_key(self) -> bytes:
        """The oldest key itself: from it the references of an installation of before the ring were made."""
        return self._first_key

    def seal(self, data: bytes, about: str) -> bytes:
        """`data` so that only this ring opens it, and only as being about `about`."""
        nonce = os.urandom(_NONCE_LENGTH)
        return bytes([self.newest]) + nonce + self._ring[self.newest].encrypt(nonce, data, about.encode())

    def open(self, blob: bytes, about: str) -> bytes:
        """What was sealed. Raises `PlainError`: `seal_key_missing` (a key that is not in the ring), `seal_broken` (another key of the same number, another
        subject, or a changed blob)."""
        if len(blob) > _NONCE_LENGTH:
            key = self._ring.get(blob[0])
            if key is None:
                raise _key_missing(self.name_of(blob[0]))
            try:
                return key.decrypt(blob[1:1 + _NONCE_LENGTH], blob[1 + _NONCE_LENGTH:], about.encode())
            except InvalidTag:
                pass  # falls to the one sentence below: which of the three it was cannot be told apart, by design of the cipher
        raise PlainError("seal_broken", Text("Förseglade uppgifter kan inte öppnas: fel nyckel, eller så har databasen ändrats utifrån.",
                                             "Sealed data cannot be opened: the wrong key, or the database was changed from outside."),
                         exit_code=78, http_status=500)


def _key_missing(name: str) -> PlainError:
    return PlainError("seal_key_missing", Text(
        f"Uppgiften är förseglad med nyckeln {name}, som saknas bland hemligheterna. Lägg tillbaka den; ta bort den först när keys status säger det.",
        f"This was sealed with the key {name}, which is not among the secrets. Put it back; take it away only once keys status says so."),
        exit_code=78, http_status=500)
