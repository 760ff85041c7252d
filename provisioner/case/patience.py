"""Patience: how often and how long we try again, as data with its series written out."""

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Patience:
    """A series of waits in seconds. After the last one, `forever_s` is repeated without end, or, where it is None, patience is over."""

    waits_s: tuple[float, ...]
    forever_s: float | None = None

    def wait_s(self, failures: int, salt: str) -> float | None:
        """The wait after the `failures`-th failure in a row (1, 2, ...), or None when patience is over.

        Up to 10% is added, taken from a hash of `salt`: a hundred cases that failed at one moment must not come back at one moment, and the core
        stays without random.
        """
        if failures <= len(self.waits_s):
            base_s = self.waits_s[failures - 1]
        elif self.forever_s is not None:
            base_s = self.forever_s
        else:
            return None
        share = int.from_bytes(sha256(f"{salt}/{failures}".encode()).digest()[:2], "big") / 65536
        return base_s * (1 + share / 10)


NONE = Patience(())
REBOOTING = Patience((2, 4, 8, 16, 32, 32))        # 94 s in all: a camera boots in 40-90 s
HICCUP = Patience((1, 3))                          # a lost packet, a keep-alive closed under us
SESSION_EXPIRY = Patience((20, 45))                # 453: an old RTSP session is freed after about 60 s
LOOK_RUNNING = Patience((5, 10, 15, 15, 15))       # a look takes 20-30 s; 60 s in all, then the technician calls (H16)
REGISTRY = Patience((0.5, 2, 8, 30, 60), forever_s=300)  # after five tries a phone task; we go on asking, with the same message id
