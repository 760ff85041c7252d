"""Logging in where HTTP or RTSP itself asks for it: snapshots and streams. One object per connection; SOAP has more ways, in `login.py`."""

from provisioner.camera.attempts import Attempts
from provisioner.camera.digest import BasicLogin, DigestLogin, challenges_in, offers_basic
from provisioner.camera.errors import LoginRefused, Told
from provisioner.camera.login import told_in
from provisioner.camera.places import CameraPlace
from provisioner.camera.policies import SecretInClear


class ChallengedLogin:
    """The answer to a 401, strongest digest first. `what` names the door for the report (`snapshot`, `stream`)."""

    def __init__(self, place: CameraPlace, basic: SecretInClear, what: str, *, inside_tls: bool) -> None:
        self._place = place
        self._may_basic = place.may_reveal(basic, inside_tls=inside_tls)
        self._what = what
        self._tried: set[str] = set()
        self._login: DigestLogin | BasicLogin | None = None
        self.asked = False   # the camera asked for a login at all

    def header(self, method: str, uri: str) -> str | None:
        """The value of `Authorization`, or None where nothing has been asked yet."""
        return None if self._login is None else self._login.header(method, uri)

    def worked(self, attempts: Attempts) -> None:
        """The last request was let in."""
        if self._login is not None:
            attempts.worked()

    def refused(self, lines: tuple[str, ...], words: str, retry_after: str, attempts: Attempts) -> None:
        """Prepare the next attempt after a 401, or raise `LoginRefused`."""
        told = attempts.with_wait(told_in(words, retry_after))
        self.asked = True
        challenges = challenges_in(lines)
        before, password = self._login, self._place.password
        if isinstance(before, DigestLogin):
            fresh = next((one for one in challenges if one.stale and one.nonce != before.challenge.nonce), None)
            if fresh is not None and password is not None:
                self._login = DigestLogin(fresh, self._place.username, password)
                return
        if before is not None and not attempts.was_refused(told):
            self._login = None
            raise self._stop(told, True, f"the {self._what}'s login was refused")
        if password is None:
            raise self._stop(told, False, f"the {self._what} needs a login and no password is known")
        usable = [one for one in challenges if one.hash_name not in self._tried]
        if not usable and not (self._may_basic and not self._tried and offers_basic(lines)):
            self._login = None
            why = f"the {self._what}'s login was refused" if self._tried else f"the {self._what} offers no way of logging in that keeps the password secret"
            raise self._stop(told, bool(self._tried), why)
        attempts.spend(told)
        if usable:
            self._tried.add(usable[0].hash_name)
            self._login = DigestLogin(usable[0], self._place.username, password)
        else:
            self._tried.add("basic")
            self._login = BasicLogin(self._place.username, password)

    @staticmethod
    def _stop(told: Told, sent: bool, why: str) -> LoginRefused:
        return LoginRefused(told, sent=sent, clock_offset_s=None, why=why)
