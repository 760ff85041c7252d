"""Personal data under seal: AES-256-GCM, so that no name, number, address or phone can be read in the database file, its WAL or a backup.

A sealed blob is one byte of key id, twelve random bytes of nonce, then ciphertext and tag. The key id stands first so that a key ring can be added
without touching a row. What the blob is about (`person/<ref>`) is authenticated with it: a blob copied to another person's row does not open.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from provisioner.fault import PlainError, Text

KEY_LENGTH = 32  # bytes; AES-256
_NONCE_LENGTH = 12  # bytes; NIST SP 800-38D 8.2. Random nonces are safe for 2**32 seals under one key; we seal a few thousand a year.
_KEY_ID = 1


class Sealer:
    """Seals and opens with one key. `repr` shows nothing of it."""

    def __init__(self, key: bytes) -> None:
        """`key`: 32 bytes. Raises `PlainError` (`bad_key`) for any other length."""
        if len(key) != KEY_LENGTH:
            raise PlainError("bad_key", Text(f"Nyckeln för personuppgifter ska vara {KEY_LENGTH} byte lång men är {len(key)}.",
                                             f"The key for personal data must be {KEY_LENGTH} bytes long but is {len(key)}."), exit_code=78)
        self._aead = AESGCM(key)

    def seal(self, data: bytes, about: str) -> bytes:
        """`data` so that only this key opens it, and only as being about `about`."""
        nonce = os.urandom(_NONCE_LENGTH)
        return bytes([_KEY_ID]) + nonce + self._aead.encrypt(nonce, data, about.encode())

    def open(self, blob: bytes, about: str) -> bytes:
        """What was sealed. Raises `PlainError` (`seal_broken`) for another key, another subject or a changed blob."""
        if len(blob) > _NONCE_LENGTH and blob[0] == _KEY_ID:
            try:
                return self._aead.decrypt(blob[1:1 + _NONCE_LENGTH], blob[1 + _NONCE_LENGTH:], about.encode())
            except InvalidTag:
                pass  # falls to the one sentence below: which of the three it was cannot be told apart, by design of the cipher
        raise PlainError("seal_broken", Text("Förseglade uppgifter kan inte öppnas: fel nyckel, eller så har databasen ändrats utifrån.",
                                             "Sealed data cannot be opened: the wrong key, or the database was changed from outside."),
                         exit_code=78, http_status=500)
