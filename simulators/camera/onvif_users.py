"""ONVIF device management service: accounts (Core specification, 'User handling')."""

from __future__ import annotations

from xml.etree import ElementTree

from .onvif import Access, Actions, Context
from .soap import Fault, inner
from .state import CameraState, Level, User

NAME_MOST = 32
_KINDS = (str.islower, str.isupper, str.isdigit, lambda sign: not sign.isalnum())


def _prohibited(code: str, reason: str) -> Fault:
    return Fault("env:Sender", "ter:OperationProhibited", code, reason=reason)


def _missing() -> Fault:
    return Fault("env:Sender", "ter:InvalidArgVal", "ter:UsernameMissing", reason="Username not recognized")


def _fixed() -> Fault:
    return Fault("env:Sender", "ter:InvalidArgVal", "ter:FixedUser", reason="Username may not be deleted")


def check_password(state: CameraState, password: str, weak: str) -> None:
    """The camera's rules for new passwords; `weak` is the subcode that the operation has for a weak one."""
    login = state.login
    if len(password) > login.password_most:
        raise _prohibited("ter:PasswordTooLong", "The password is too long")
    kinds = sum(any(kind(sign) for sign in password) for kind in _KINDS)
    too_weak = not password or (login.passwords == "strong" and (not 8 <= len(password) <= 16 or kinds < 3))
    if too_weak or (login.passwords == "safe" and set(password) & set("/%@#:")):
        raise _prohibited(weak, "Too weak password")


def _kept(state: CameraState, password: str) -> str:
    """As much of a new password as the camera has room for."""
    return password[: state.login.password_cut or None]


def _user(element: ElementTree.Element) -> tuple[str, str | None, Level]:
    name, level = inner(element, "Username") or "", inner(element, "UserLevel") or ""
    if level == "Anonymous":
        raise _prohibited("ter:AnonymousNotAllowed", "User level anonymous is not allowed")
    if level not in set(Level):
        raise Fault("env:Sender", "ter:InvalidArgVal", detail="UserLevel")
    return name, inner(element, "Password"), Level(level)


def create_users(context: Context) -> str:
    """All or none (Core specification, CreateUsers)."""
    state, new = context.state, {}
    for element in context.call.children("User"):
        name, password, level = _user(element)
        if name in state.users or name in new:
            raise _prohibited("ter:UsernameClash", "Username already exists")
        if not name:
            raise _prohibited("ter:UsernameTooShort", "The username is too short")
        if len(name) > NAME_MOST:
            raise _prohibited("ter:UsernameTooLong", "The username is too long")
        check_password(state, password or "", "ter:Password")
        new[name] = User(_kept(state, password or ""), level)
    if len(state.users) + len(new) > state.login.users_most:
        raise Fault("env:Receiver", "ter:Action", "ter:TooManyUsers", reason="Maximum number of supported users exceeded")
    if not state.users and not any(user.level is Level.ADMINISTRATOR for user in new.values()):
        raise _prohibited("ter:Password", "The first user has to be an administrator")
    state.users.update(new)
    return "<tds:CreateUsersResponse/>"


def set_user(context: Context) -> str:
    """Password and level; a password that is not given stays. The level of a fixed account cannot be changed."""
    state, changes = context.state, []
    for element in context.call.children("User"):
        name, password, level = _user(element)
        known = state.users.get(name)
        if known is None:
            raise _missing()
        if known.fixed and level is not known.level:
            raise _fixed()
        if password is not None:
            check_password(state, password, "ter:PasswordTooWeak")
        changes.append((known, password, level))
    for known, given, level in changes:
        known.password, known.level = known.password if given is None else _kept(state, given), level
    return "<tds:SetUserResponse/>"


def delete_users(context: Context) -> str:
    """All or none; a fixed account and the last administrator stay."""
    state, names = context.state, [(element.text or "").strip() for element in context.call.children("Username")]
    if any(name not in state.users for name in names):
        raise _missing()
    left = {name: user for name, user in state.users.items() if name not in names}
    if any(state.users[name].fixed for name in names) or not any(user.level is Level.ADMINISTRATOR for user in left.values()):
        raise _fixed()
    state.users.clear()
    state.users.update(left)
    return "<tds:DeleteUsersResponse/>"


ACTIONS: Actions = {
    "CreateUsers": (Access.WRITE_SYSTEM, create_users),
    "SetUser": (Access.WRITE_SYSTEM, set_user),
    "DeleteUsers": (Access.WRITE_SYSTEM, delete_users),
}
