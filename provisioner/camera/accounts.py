"""The rotation of a camera's account (D16), in an order in which no power failure locks us out and no reply is believed.

A password is kept before it is sent. The new account is made beside the old one, proved on a connection of its own, and only then is the old one
removed, with the new login; so at every moment at least one account that we know is on the camera. Where a camera lets no second account be made, the
one account's password is set: then its two passwords are both kept until one of them is proved (`Credentials.is_unsure`).

What has been done is told by what is seen afterwards: the list of accounts read back, the new login accepted, the old one refused. Each wrong password
that is sent on purpose is one alone, stands between two right ones, and counts in the lock-out budget.
"""

from collections.abc import Set as AbstractSet
from contextlib import suppress

from provisioner.camera.attempts import ATTEMPTS_MOST
from provisioner.camera.credentials import LENGTHS, NAMES, Keyring, new_password
from provisioner.camera.door import REFUSALS, Door, Entry
from provisioner.camera.errors import CameraTrouble, LoginRefused
from provisioner.camera.net import Allowance, Deadline
from provisioner.camera.rtsp import address_of, describe
from provisioner.camera.soap import SoapFault
from provisioner.case.device import Rotation
from provisioner.fault import Text
from provisioner.secret import Account

SAME_ACCOUNT_LENGTH = 12
"""Characters where the password of our only account is set: a camera that cuts it off in silence would lock us out, and 12 is short enough for all that
we have heard of (the shortest limit that was seen is Foscam's web page with 12), while 12 are still 69 bits."""
_PROBE_SPARE = 2          # attempts left, as a camera tells them: with so few no wrong password is sent on purpose
_STREAM_S = 4.0           # for asking the stream with the old login
_PASSWORD_CODES = frozenset({"PasswordTooLong", "PasswordTooWeak", "Password"})   # ONVIF Core: CreateUsers, SetUser
_CLASH = "UsernameClash"

NEW = Text("Kameran har ett nytt konto. Det gamla är borttaget och nekas.", "The camera has a new account. The old one is removed and refused.")
SET = Text("Kamerans konto har ett nytt lösenord. Det gamla nekas.", "The camera's account has a new password. The old one is refused.")
NOT_ASKED = Text("Kameran har ett nytt konto, men om den nekar det gamla gick inte att fråga. Gör om lösenordsbytet senare.",
                 "The camera has a new account, but whether it refuses the old one could not be asked. Rotate the password again later.")
STILL_IN = Text("Kameran släpper fortfarande in det gamla lösenordet. Koppla inte in den; lämna in den till depån.",
                "The camera still lets the old password in. Do not connect it; hand it in to the depot.")
OTHERS = Text("Kameran har konton som inte går att ta bort. Ta bort dem på kamerans egen webbsida, eller lämna in den till depån.",
              "The camera has accounts that cannot be removed. Remove them on the camera's own web page, or hand it in to the depot.")
UNSUPPORTED = Text("Kameran lät sig inte ge ett nytt lösenord; det gamla gäller. Byt det i tillverkarens app eller på kamerans webbsida, i depån.",
                   "The camera could not be given a new password; the old one is in force. Change it in the maker's app or on the camera's page, at the depot.")
ASKS_NOBODY = Text("Kameran frågar ingen efter lösenord, så inget konto kan bevisas. Slå på inloggning på kamerans egen webbsida.",
                   "The camera asks nobody for a password, so no account can be proved. Switch login on, on the camera's own web page.")


def rotate(door: Door, keys: Keyring, keep: AbstractSet[str], deadline: Deadline) -> Rotation:
    """A new account or password, the old one and all others gone but those in `keep` (user names). Continues what a crash has left.

    Raises `CameraTrouble` where the camera could not be asked; then the book has every password that it may have, and a second call goes on.
    """
    admin = entered(door, keys, deadline)
    if not admin.asked or not admin.lists:
        return _unsupported(door, UNSUPPORTED if admin.asked else ASKS_NOBODY)
    if keys.now.coming is not None or not keys.now.old:   # otherwise a crash came after the proof, and only the removing is left
        entry = _beside(door, keys, admin, deadline)
        if entry is None and not door.wrong:
            entry = _in_place(door, keys, admin, deadline)
        if entry is None:
            return _unsupported(door, UNSUPPORTED)
        admin = entry
    removed = _others_removed(keys, admin, keep, deadline)
    fixed = _fixed_one(keys, admin, keep, deadline)
    entry = None if fixed is None else _fixed_one_renewed(door, keys, admin, fixed, deadline)
    if entry is not None:
        admin = entry
        removed += _others_removed(keys, admin, keep, deadline)
    refused = _old_refused(door, keys, admin, keep, deadline)
    listed, ours = admin.users(deadline), _ours(keys).username
    left = sum(name != ours and name not in keep for name in listed) if ours in listed else None
    door.worked()
    in_place = any(old.username == ours for old in keys.now.old)
    keys.settle()
    sentence = STILL_IN if refused is False else OTHERS if left else NOT_ASKED if refused is None or left is None else SET if in_place else NEW
    return Rotation("new_password" if in_place else "new_account", True, refused, removed, left, door.clock(), sentence)


def entered(door: Door, keys: Keyring, deadline: Deadline) -> Entry:
    """A connection with the account that works, of those that the camera may have; the book then says which it is. At most two passwords are refused.

    While a new account is being made beside it, the current one works for sure and is tried first; while one account's password is being changed, the
    new password is. Raises `LoginRefused` where none works.
    """
    now = keys.now
    known = (now.coming, now.current) if now.is_unsure else (now.current, now.coming)
    accounts: list[Account | None] = [account for account in known if account is not None] or [None]
    trouble: LoginRefused | None = None
    for account in accounts:
        entry = door.open(account, most=1 if len(accounts) > 1 else 2)
        try:
            entry.sign_in(deadline)
        except LoginRefused as exc:
            if exc.told.locked or not exc.sent:
                raise
            trouble = trouble or exc
            continue
        if trouble is not None:
            door.worked()
        if now.coming is not None and entry.asked and account == now.coming:
            keys.promote()
        elif now.is_unsure:
            keys.drop()     # it has the old password still
        return entry
    assert trouble is not None
    raise trouble


def _ours(keys: Keyring) -> Account:
    current = keys.now.current
    assert current is not None
    return current


def _coming(keys: Keyring) -> Account:
    coming = keys.now.coming
    assert coming is not None
    return coming


def _unsupported(door: Door, sentence: Text) -> Rotation:
    return Rotation("unsupported", False, None, 0, None, door.clock(), sentence)


def _longest(admin: Entry) -> int:
    return int(admin.session.manners.password_length)


# -- a new account beside the old one ------------------------------------------------------------------------------------------


def _beside(door: Door, keys: Keyring, admin: Entry, deadline: Deadline) -> Entry | None:
    """A second administrator, made and proved; None where the camera lets none be made, or makes one that does not work."""
    users = admin.users(deadline)
    coming = keys.now.coming
    if coming is None or coming.username == _ours(keys).username:
        name = next(name for name in NAMES if name != _ours(keys).username)
        keys.intend(Account(name, new_password(_longest(admin))))
    made = _brought(keys, admin, set(users), deadline)
    while made:
        entry = _proved(door, keys, admin, deadline)
        if entry is not None:
            return entry
        # Listed, and its password does not let us in: the camera may have cut it off. A short one, once.
        made = door.wrong < ATTEMPTS_MOST and len(_coming(keys).password.reveal()) > LENGTHS[-1]
        if made:
            keys.intend(Account(_coming(keys).username, new_password(LENGTHS[-1])))
            made = _brought(keys, admin, {_coming(keys).username}, deadline)
    with suppress(*REFUSALS):
        if _coming(keys).username in admin.users(deadline):
            admin.call("DeleteUsers", deadline, Username=[_coming(keys).username])
    keys.drop()
    return None


def _brought(keys: Keyring, admin: Entry, users: set[str], deadline: Deadline) -> bool:
    """The coming account sent, with a shorter password where the camera finds it too long; whether the camera lists it afterwards."""
    is_there = _coming(keys).username in users
    shorter = [length for length in LENGTHS if length < len(_coming(keys).password.reveal())]
    while True:
        try:
            admin.call("SetUser" if is_there else "CreateUsers", deadline, User=[_written(_coming(keys))])
        except SoapFault as exc:
            if _CLASH in exc.codes and not is_there:
                is_there = True
                continue
            if _is_about_password(exc) and shorter:
                keys.intend(Account(_coming(keys).username, new_password(shorter.pop(0))))
                continue
            return False
        except REFUSALS:
            pass  # the list says whether it was done
        return _coming(keys).username in admin.users(deadline)


def _is_about_password(fault: SoapFault) -> bool:
    return not _PASSWORD_CODES.isdisjoint(fault.codes) or "password" in fault.reason.lower()


def _written(account: Account) -> dict[str, str]:
    """An administrator as the schema wants it (tt:User)."""
    return {"Username": account.username, "Password": account.password.reveal(), "UserLevel": "Administrator"}


def _proved(door: Door, keys: Keyring, admin: Entry, deadline: Deadline) -> Entry | None:
    """A fresh connection with the coming account, which is the current one from here on; None where it was refused. The old login is then used once
    more, so that the wrong password does not stand alone in the camera's count."""
    entry = door.open(_coming(keys), like=admin, most=1)
    try:
        entry.sign_in(deadline)
    except LoginRefused as exc:
        if exc.told.locked or not exc.sent:
            raise
        admin.users(deadline)
        door.worked()
        return None
    if not entry.asked:
        return None
    keys.promote()
    return entry


# -- another password for the same account -------------------------------------------------------------------------------------


def _in_place(door: Door, keys: Keyring, admin: Entry, deadline: Deadline) -> Entry | None:
    """Our only account with another password, proved; None where the camera still has the old one."""
    ours = _ours(keys)
    keys.intend(Account(ours.username, new_password(min(SAME_ACCOUNT_LENGTH, _longest(admin)))))
    if _brought_in_place(keys, admin, deadline):
        entry = door.open(_coming(keys), like=admin, most=1)
        try:
            entry.sign_in(deadline)
        except LoginRefused as exc:
            if exc.told.locked or not exc.sent:
                raise
        else:
            keys.promote()
            return entry
    again = door.open(ours, like=admin, most=1)
    again.sign_in(deadline)     # refused as well: both passwords stay in the book, and a person is told
    door.worked()
    keys.drop()
    return None


def _brought_in_place(keys: Keyring, admin: Entry, deadline: Deadline) -> bool:
    """Whether SetUser was answered with anything but a fault: the list cannot tell, it has no passwords."""
    shorter = [length for length in LENGTHS if length < len(_coming(keys).password.reveal())]
    while True:
        try:
            admin.call("SetUser", deadline, User=[_written(_coming(keys))])
        except SoapFault as exc:
            if not _is_about_password(exc) or not shorter:
                return False
            keys.intend(Account(_coming(keys).username, new_password(shorter.pop(0))))
            continue
        except REFUSALS:
            pass
        return True


# -- the others ----------------------------------------------------------------------------------------------------------------


def _others_removed(keys: Keyring, admin: Entry, keep: AbstractSet[str], deadline: Deadline) -> int:
    """Every account removed but ours and those to keep, one call each: a fixed one among them must not save the others. How many are gone."""
    before = [name for name in admin.users(deadline) if name != _ours(keys).username and name not in keep]
    for name in before:
        with suppress(*REFUSALS):
            admin.call("DeleteUsers", deadline, Username=[name])
    after = admin.users(deadline) if before else {}
    return sum(name not in after for name in before)


def _fixed_one(keys: Keyring, admin: Entry, keep: AbstractSet[str], deadline: Deadline) -> str | None:
    """Our old account, where the camera does not let it be removed (Hikvision's and Dahua's `admin`)."""
    left = admin.users(deadline)
    return next((old.username for old in keys.now.old if old.username in left and old.username not in keep and old.username != _ours(keys).username), None)


def _fixed_one_renewed(door: Door, keys: Keyring, admin: Entry, name: str, deadline: Deadline) -> Entry | None:
    """The account that cannot be removed gets a new password and is the current one again; the one beside it kept us safe meanwhile."""
    keys.intend(Account(name, new_password(_longest(admin))))
    entry = _proved(door, keys, admin, deadline) if _brought(keys, admin, {name}, deadline) else None
    if entry is None:
        keys.drop()
    return entry


# -- the old login ---------------------------------------------------------------------------------------------------------------


def _old_refused(door: Door, keys: Keyring, admin: Entry, keep: AbstractSet[str], deadline: Deadline) -> bool | None:
    """Whether the login from before is refused by ONVIF and by the stream; None where that could not be asked."""
    old = next((old for old in keys.now.old if old.username not in keep), None)
    if old is None or door.wrong >= ATTEMPTS_MOST:
        return None
    probe = door.open(old, like=admin, most=1)
    try:
        probe.users(deadline)
    except LoginRefused as exc:
        if exc.told.locked or not exc.sent:
            return None
        few = exc.told.attempts_left is not None and exc.told.attempts_left <= _PROBE_SPARE
    except CameraTrouble:
        return None
    else:
        return False if probe.asked else None
    admin.users(deadline)
    door.worked()
    return True if few or door.wrong >= ATTEMPTS_MOST else _stream_refused(door, old, admin, deadline) is not False


def _stream_refused(door: Door, old: Account, admin: Entry, deadline: Deadline) -> bool | None:
    """The same of RTSP, whose accounts are others on some cameras (agsh/onvif#294). None where it could not be asked or asks nobody."""
    settings = door.settings
    probe = door.open(old, like=admin, most=1)
    try:
        session, left = admin.session, deadline.sooner(_STREAM_S)
        address = address_of(session.stream_uri(session.profiles(left, admin.attempts)[0], left, admin.attempts), probe.place)
        found = describe(address, probe.place, Allowance(left, settings.rtsp_reply_most_bytes, settings.silence_s), settings.connect_s, probe.attempts,
                         session.granted.basic)
    except LoginRefused as exc:
        return True if exc.sent and not exc.told.locked else None
    except CameraTrouble:
        return None
    return False if found.needs_login else None
