"""How cameras were set before a check changed them: kept on both databases, the first word stays, and nothing of a picture in it."""

from collections.abc import Callable
from datetime import timedelta

from store_world import NOW, SERIAL

from provisioner.store.sql import SqlStore

Open = Callable[..., SqlStore]


def test_r37_what_is_owed_to_a_camera_outlives_the_process(open_store: Open) -> None:
    store = open_store()
    assert store.light_of(SERIAL) is None and store.lights_owed() == []
    store.put_light(SERIAL, '{"ir_cut_filter":"AUTO"}', NOW)
    store.put_light(SERIAL, '{"ir_cut_filter":"OFF"}', NOW + timedelta(seconds=1))  # what a check in the middle of the night would find
    again = open_store()
    assert again.light_of(SERIAL) == '{"ir_cut_filter":"AUTO"}' and again.lights_owed() == [SERIAL]
    again.forget_light(SERIAL)
    assert store.light_of(SERIAL) is None and store.lights_owed() == []
