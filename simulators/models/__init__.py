"""Personas: what cameras in the field do, each as a small file that says who saw it, and what a checker ought to report of it.

    state = persona("clock-minus-1h + digest-only + shared-serial", serial="ACC8E0123456")
    expects("clock-minus-1h + digest-only")["clock"]         # "offset"

Every persona starts from `plain.toml`, a camera in good order. Names are joined by `+`; two that set one thing differently contradict each
other, which is an error. What is expected of several is the worst that one of them expects.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from simulators.camera import CameraState

MODELS = Path(__file__).parent
PLAIN = "plain"
BORN_WITH = ("serial", "manufacturer", "model")        # decide what else is made at birth: endpoint reference, hardware address

GOODNESS = ("good", "unsupported", "bad", "unknown")
FINDINGS: dict[str, tuple[str, ...]] = {               # every word a file may expect, from best to worst
    "reachable": ("yes", "not_onvif", "no"),
    "login": ("accepted", "refused", "locked", "unknown"),
    "identity": ("confirmed", "probable", "conflicting", "impossible", "unknown"),
    "clock": ("right", "offset", "local_time_as_utc", "unknown"),
    "addresses": ("as_asked", "rewritten", "unknown"),
    "found": ("multicast", "unicast", "none"),
    "snapshot": ("picture", "none", "unknown"),
    "stream": ("picture", "slow", "busy", "none", "unknown"),
    **dict.fromkeys(("audio", "recordings", "https", "discovery", "default_account", "anonymous_onvif", "anonymous_rtsp", "anonymous_snapshot",
                     "scopes", "osd", "ntp", "firmware", "masks", "users", "event_broker"), GOODNESS),
}
NEEDS_NOTHING = {"reachable", "found"}                  # known even of a camera that does not answer
NEEDS_NO_LOGIN = NEEDS_NOTHING | {"login", "clock", "addresses", "anonymous_onvif"}     # ports and paths of the rest are told after a login

Sentence = Annotated[str, Field(min_length=10, max_length=400)]


class PersonaError(ValueError):
    """No such persona, or two that contradict each other; the text is for a person."""


class Model(BaseModel):
    """One file. Closed: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: Sentence
    because: Sentence
    seen: Annotated[str, Field(min_length=4, max_length=200)]
    source: Annotated[str, Field(pattern=r"^(https?://|ONVIF |OASIS |IEEE |EN )")]
    quirk: Annotated[int, Field(ge=1, le=25)] | None = None
    set: dict[str, Any] = {}
    expects: dict[str, str] = {}
    tried: dict[str, str] = {}

    @model_validator(mode="after")
    def _words_are_known(self) -> Model:
        for finding, word in [*self.expects.items(), *self.tried.items()]:
            if finding not in FINDINGS:
                raise ValueError(f"no finding {finding!r}; there are {', '.join(FINDINGS)}")
            if word not in FINDINGS[finding]:
                raise ValueError(f"{finding} is never {word!r}; it is one of {', '.join(FINDINGS[finding])}")
        return self


def names() -> list[str]:
    return sorted(path.stem for path in MODELS.glob("*.toml"))


@lru_cache(maxsize=256)
def model(name: str) -> Model:
    """One persona's file, read and checked."""
    path = MODELS / f"{name}.toml"
    if not name.replace("-", "").isalnum() or not path.exists():
        raise PersonaError(f"there is no persona {name!r}; there are {', '.join(names())}")
    try:
        return Model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as exc:
        raise PersonaError(f"{path.name}: {exc}") from exc


def split(text: str) -> list[str]:
    """The names in "a + b", each once."""
    found = [part.strip() for part in text.split("+")]
    if not all(found):
        raise PersonaError(f"{text!r} names nothing between two plus signs")
    return [name for name in dict.fromkeys(found) if name != PLAIN]


def merged(chosen: Iterable[str]) -> dict[str, Any]:
    """What the chosen personas set, over what plain sets."""
    by: dict[str, str] = {}
    settings: dict[str, Any] = {}
    for name in chosen:
        for path, value in model(name).set.items():
            for other, whose in by.items():
                same = other == path and settings[other] != value
                if same or other.startswith(path + ".") or path.startswith(other + "."):
                    raise PersonaError(f"{whose} and {name} contradict each other: {whose} has {other} = {settings[other]!r}, {name} has {path} = {value!r}")
            by[path], settings[path] = name, value
    return {**model(PLAIN).set, **settings}


def persona(text: str, **born_with: Any) -> CameraState:
    """The state of a camera that shows all the named quirks. `born_with`: serial, users or other fields of CameraState, which win."""
    settings = merged(split(text))
    own = {name: settings.pop(name) for name in BORN_WITH if name in settings}
    unknown = set(born_with) - {field.name for field in fields(CameraState)}
    if unknown:
        raise PersonaError(f"a camera has no {', '.join(sorted(unknown))}")
    state = CameraState(**{**own, **born_with})
    for path, value in settings.items():
        if path.split(".")[0] not in born_with:
            _set(state, path, value)
    login = state.login
    if not login.username_token and not login.http_digest and login.onvif_needs_login:
        raise PersonaError(f"{text}: nobody could log in; one of these takes the UsernameToken away and another HTTP digest")
    return state


def expects(text: str, tried: bool = False) -> dict[str, str]:
    """What a checker ought to find: the worst of each; nothing can be known of a camera that cannot be reached or does not let one in. `tried`: one that
    sets things and looks what became of them."""
    said: dict[str, str] = {}
    for name in split(text):
        one = model(name)
        for finding, word in [*one.expects.items(), *(one.tried.items() if tried else ())]:
            said[finding] = max(said.get(finding, word), word, key=FINDINGS[finding].index)
    found = {**model(PLAIN).expects, **said}
    if found["reachable"] != "yes":
        known = NEEDS_NOTHING
    else:
        known = set(found) if found["login"] == "accepted" else NEEDS_NO_LOGIN
    return {finding: word if finding in known else FINDINGS[finding][-1] for finding, word in found.items()}


def _set(state: CameraState, path: str, value: Any) -> None:
    """Sets one field by its dotted path, as the type that it has; seconds for a length of time, a table for a dataclass."""
    *way, last = path.split(".")
    owner: Any = state
    try:
        for part in way:
            before, owner = owner, owner[part] if isinstance(owner, dict) else getattr(owner, part)
        if isinstance(owner, dict):
            hint = get_type_hints(type(before))[way[-1]].__args__[1]
            owner[last] = TypeAdapter(hint).validate_python(value)
        else:
            setattr(owner, last, TypeAdapter(get_type_hints(type(owner))[last]).validate_python(value))
    except (AttributeError, KeyError, ValidationError) as exc:
        raise PersonaError(f"{path} cannot be {value!r}: {exc}") from exc
