"""Core values to JSON text and back, exactly.

The core's values are plain dataclasses and know nothing of JSON; pydantic builds one validator and one serialiser for each root type from the
annotations alone. Three things are added here, because a database outlives a program:

- an unknown key is refused: a row of a newer program must not be read as if the new field had not been there;
- a missing key takes the field's default: yesterday's rows stay readable after an upgrade that adds a field;
- a union of dataclasses is chosen by its `kind` and by nothing else. pydantic's own way tries all members and takes the best fit, which is
  slower (52 µs against 3 µs for a `Said`, whose statement has 17 members) and would leave the choice to likeness.
"""

from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, Generic, TypeVar, cast

from pydantic import ConfigDict, GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, PydanticSerializationError
from typing_extensions import TypeAliasType

from provisioner.case.effects import Effect
from provisioner.case.evidence import Dossier
from provisioner.case.inputs import Input
from provisioner.case.model import Case
from provisioner.case.outcome import Refusal
from provisioner.case.policy import Policy
from provisioner.fault import PlainError, Text

_CONFIG = ConfigDict(extra="forbid", strict=True, ser_json_inf_nan="constants")
_Node = dict[str, Any]
_NOT_STORABLE = Text("Texten innehåller tecken som inte kan sparas. Skriv den igen utan dem.",
                     "The text contains characters that cannot be stored. Write it again without them.")
T = TypeVar("T")


class _ByKind:
    """Annotation that turns each union of dataclasses below it into one that is told apart by `kind`."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        _discriminate(schema, handler, set())
        return schema


def _discriminate(node: Any, handler: GetCoreSchemaHandler, seen: set[int]) -> None:
    """Walk a core schema, through its references too, and rewrite the unions in place. `seen` holds the ids of the nodes behind references."""
    if isinstance(node, list | tuple):
        for part in node:
            _discriminate(part, handler, seen)
    elif isinstance(node, dict):
        if node.get("type") == "definition-ref":
            body = handler.resolve_ref_schema(cast(CoreSchema, node))
            if id(body) not in seen:
                seen.add(id(body))
                _discriminate(body, handler, seen)
            return
        if node.get("type") == "union":
            _tag(node, handler)
        for part in list(node.values()):
            _discriminate(part, handler, seen)


def _tag(union: _Node, handler: GetCoreSchemaHandler) -> None:
    """Make `union` a tagged one where every member is a dataclass with a literal `kind`; leave any other union (there is none today) alone."""
    tagged: _Node = {}
    for choice in union["choices"]:
        body = cast(_Node, handler.resolve_ref_schema(choice))
        kind = next((field for field in body["schema"]["fields"] if field["name"] == "kind"), None) if body["type"] == "dataclass" else None
        if kind is None:
            return
        literal = kind["schema"]
        while literal["type"] != "literal":
            literal = literal["schema"]
        tagged[literal["expected"][0]] = choice
    union.clear()
    union.update(type="tagged-union", discriminator="kind", choices=tagged)


class _Codec(Generic[T]):
    """One root type's way to text and back; the adapter is built at the first use (100 ms for a Case, most of it once for all)."""

    def __init__(self, name: str, root: Any) -> None:
        self._name = name
        self._root = root

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        # The alias is there because pydantic takes a configuration for anything but a bare dataclass.
        alias: Any = TypeAliasType(self._name, Annotated[self._root, _ByKind])
        return TypeAdapter(alias, config=_CONFIG)

    def dump(self, value: T) -> str:
        try:
            return self._adapter.dump_json(value).decode()
        except PydanticSerializationError as error:
            if "surrogates" not in str(error):
                raise  # a bug of ours
            # Half of a surrogate pair: Python makes one of a byte on the command line that is not UTF-8; no text on disk can hold it.
            raise PlainError("text_not_storable", _NOT_STORABLE) from None

    def load(self, text: str) -> T:
        try:
            return self._adapter.validate_json(text)
        except ValidationError as error:
            # Only places and reasons, never the values.
            parts = error.errors(include_input=False, include_url=False)[:3]
            seen = "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['type']}" for part in parts)
            sentence = Text(f"En rad i databasen ({self._name}) kan inte läsas av den här versionen av programmet: {seen}.",
                            f"A row of the database ({self._name}) cannot be read by this version of the program: {seen}.")
            raise PlainError("row_unreadable", sentence, exit_code=70, http_status=500) from None


_CASE: _Codec[Case] = _Codec("Case", Case)
_INPUT: _Codec[Input] = _Codec("Input", Input)
_EFFECT: _Codec[Effect] = _Codec("Effect", Effect)
_POLICY: _Codec[Policy] = _Codec("Policy", Policy)
_REFUSAL: _Codec[Refusal] = _Codec("Refusal", Refusal)
_DOSSIER: _Codec[Dossier] = _Codec("Dossier", Dossier)

# Each pair below raises `PlainError`: `text_not_storable` on the way in, `row_unreadable` (a program bug, a newer or a damaged row) on the way out.
dump_case, load_case = _CASE.dump, _CASE.load
dump_input, load_input = _INPUT.dump, _INPUT.load
dump_effect, load_effect = _EFFECT.dump, _EFFECT.load
dump_policy, load_policy = _POLICY.dump, _POLICY.load
dump_refusal, load_refusal = _REFUSAL.dump, _REFUSAL.load
dump_dossier, load_dossier = _DOSSIER.dump, _DOSSIER.load


def policy_id(body: str) -> str:
    """The name of a dumped policy: the first 128 bits of its SHA-256, so that equal policies are one row."""
    return sha256(body.encode()).hexdigest()[:32]
