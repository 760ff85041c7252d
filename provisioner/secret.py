"""Secrets as a type, so that none of them is ever printed by accident; and a camera's accounts, which are made of them."""

from dataclasses import dataclass, field


class Secret:
    """A password or key. `repr`, `str`, formatting and exceptions show `***`; only `reveal` gives the value, at the place that sends it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. Call it where it is hashed or sent, and keep it in no variable that outlives the call."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


@dataclass(frozen=True, slots=True)
class Account:
    """An account on a camera. `repr` shows neither name nor password."""

    username: str = field(repr=False)
    password: Secret


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is known of logging in to one camera.

    `current` worked when it was last used. `coming` is the account of a rotation under way: it was kept before it was sent, so the camera may have it or
    not. `old` are those that a rotation has replaced and whose refusal is not proved yet.
    """

    current: Account | None = None
    coming: Account | None = None
    old: tuple[Account, ...] = ()

    @property
    def state(self) -> str:
        """`settled`; `rotating`: a new account is on its way; `proving`: the new one is in force, the old one has to go."""
        if self.coming is not None:
            return "rotating"
        return "proving" if self.old else "settled"

    @property
    def is_unsure(self) -> bool:
        """Whether nobody can say without asking which password of one and the same account the camera has."""
        return self.coming is not None and (self.current is None or self.coming.username == self.current.username)
