"""Taking what is sealed from an old key to the newest: beside the work, in small batches, whatever kills it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from store_world import NOW, SERIAL, rows

from provisioner.case.audit import Access, Purpose
from provisioner.fault import PlainError
from provisioner.secret import Account, Credentials, Secret
from provisioner.store.keeping import CameraPlace, Person
from provisioner.store.rotating import SEALED
from provisioner.store.schema import metadata
from provisioner.store.sealing import Sealer
from provisioner.store.sql import SqlStore

Open = Callable[..., SqlStore]
ROOT = Path(__file__).parents[2]
ONE, TWO, THREE = bytes(range(32)), bytes(range(1, 33)), bytes(range(2, 34))
ME = Access("drift", "operations", Purpose.MAINTENANCE)
PEOPLE = 7


def filled(open_store: Open) -> SqlStore:
    """A store of before the ring, with something in each kind of row."""
    store = open_store(sealer=Sealer(ONE), camera_sealer=Sealer(ONE, "camera-key"))
    for number in range(PEOPLE):
        store.put_person(Person(f"form-{number}", "form", {"name": f"Astrid {number}", "person_number": f"19121212121{number}"}), NOW)
    store.put_place(SERIAL, CameraPlace("192.0.2.1", 80), NOW)
    store.put_credentials(SERIAL, Credentials(Account("admin", Secret("pw"))), NOW)
    return store


def ring(open_store: Open, *keys: int) -> SqlStore:
    """The same database with these keys."""
    of = {1: ONE, 2: TWO, 3: THREE}
    return open_store(sealer=Sealer({n: of[n] for n in keys}), camera_sealer=Sealer({n: of[n] for n in keys}, "camera-key"))


def test_every_sealed_column_is_rotated() -> None:
    assert {table.name for table in metadata.tables.values() if "sealed" in table.columns} == {sealed.table for sealed in SEALED}


def test_newest_key_seals_and_all_open_and_the_old_one_goes_when_nothing_needs_it(open_store: Open) -> None:
    before = filled(open_store)
    reference = before.references().make("person", "191212121210")
    store = ring(open_store, 1, 2)
    store.put_person(Person("form-new", "form", {"name": "Bo"}), NOW)
    needed = {use.name: (use.rows, use.needed) for use in store.key_uses()}
    assert needed["personal-key-2"] == (1, True) and needed["personal-key"][1] and needed["personal-key"][0] > PEOPLE
    told = list(store.rotate_keys(NOW, ME, batch=3))
    assert ("people", 3) in told and ("people", PEOPLE) in told and ("camera_accounts", 1) in told
    assert {use.name: use.needed for use in store.key_uses()} == {"personal-key": False, "personal-key-2": True, "camera-key": False, "camera-key-2": True}
    assert list(store.rotate_keys(NOW, ME)) == []
    later = ring(open_store, 2)
    found = later.read_person("form-3", NOW, ME)
    assert found is not None and found.fields["name"] == "Astrid 3"
    kept = later.credentials_of(SERIAL)
    assert kept is not None and kept.current is not None and kept.current.password.reveal() == "pw"
    assert later.references().make("person", "191212121210") == reference, "a person keeps one reference, whatever seals it"
    assert later.find_person(NOW, ME, person_number="191212121210") == []


def test_key_that_is_missing_is_named(open_store: Open) -> None:
    store = ring(open_store, 1, 2)
    store.put_person(Person("form-1", "form", {"name": "Astrid"}), NOW)
    with pytest.raises(PlainError) as caught:
        ring(open_store, 1).read_person("form-1", NOW, ME)
    assert caught.value.code == "seal_key_missing" and "personal-key-2" in caught.value.text.sv and "Put it back" in caught.value.text.en
    assert {use.name: use.present for use in ring(open_store, 1, 3).key_uses()}["personal-key-2"] is False


def test_row_that_somebody_changes_meanwhile_is_left_to_them(open_store: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(open_store)
    store = ring(open_store, 1, 2)
    monkeypatch.setattr("provisioner.store.rotating.Rotating._exchange", _raced(store))
    list(store.rotate_keys(NOW, ME, batch=2))
    monkeypatch.undo()
    found = ring(open_store, 1, 2).read_person("form-2", NOW, ME)
    assert found is not None and found.fields["name"] == "Corrected"


def _raced(store: SqlStore) -> Callable[..., tuple[int, str]]:
    real = type(store)._exchange

    def exchange(self: SqlStore, sealed: object, sealer: object, after: str, batch: int) -> tuple[int, str]:
        if getattr(sealed, "table", "") == "people" and not after:
            store.put_person(Person("form-2", "form", {"name": "Corrected"}), NOW)
        return real(self, sealed, sealer, after, batch)  # type: ignore[arg-type]
    return exchange


KILLED = """
import sys
from store_world import NOW
from provisioner.case.audit import Access, Purpose
from provisioner.store.sealing import Sealer
from provisioner.store.sql import SqlStore
keys = {1: bytes(range(32)), 2: bytes(range(1, 33))}
store = SqlStore(sys.argv[1], Sealer(keys), camera_sealer=Sealer(keys, "camera-key"))
for table, done in store.rotate_keys(NOW, Access("drift", "operations", Purpose.MAINTENANCE), batch=2):
    print(table, done, flush=True)
    sys.stdin.readline()
"""


@pytest.mark.parametrize("batches", [2])
def test_killed_rotation_loses_nothing_and_goes_on(open_store: Open, url: str, batches: int) -> None:
    filled(open_store)
    process = subprocess.Popen([sys.executable, "-c", KILLED, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
                               env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'store'}"})
    assert process.stdout is not None and process.stdin is not None
    for number in range(batches):
        assert process.stdout.readline().startswith("people"), "it tells where it is"
        if number < batches - 1:
            process.stdin.write("\n")
            process.stdin.flush()
    process.kill()
    process.wait()
    ids = [bytes(row["sealed"])[0] for row in rows(url, "people")]
    assert ids.count(2) == 2 * batches and ids.count(1) == PEOPLE - 2 * batches
    store = ring(open_store, 1, 2)
    for number in range(PEOPLE):
        found = store.read_person(f"form-{number}", NOW, ME)
        assert found is not None and found.fields["name"] == f"Astrid {number}"
    list(store.rotate_keys(NOW, ME))
    assert {use.name: use.needed for use in store.key_uses() if use.key_id == 1} == {"personal-key": False, "camera-key": False}


def test_what_an_old_key_sealed_is_gone_from_the_files(open_at: Open, sqlite_path: Path) -> None:
    address = f"sqlite:///{sqlite_path}"
    store = open_at(address, sealer=Sealer(ONE))
    store.put_person(Person("form-1", "form", {"name": "Astrid"}), NOW)
    [old] = [bytes(row["sealed"]) for row in rows(address, "people")]
    assert any(old in file.read_bytes() for file in sqlite_path.parent.iterdir())
    store.close()
    store = open_at(address, sealer=Sealer({1: ONE, 2: TWO}))
    list(store.rotate_keys(NOW, ME))
    assert not any(old in file.read_bytes() for file in sqlite_path.parent.iterdir())
