"""A simulated alarm centre: `registry` decides (pure), `operator` looks through the camera, `mqtt` is its line to the world."""

from simulators.alarm_centre.book import Binding, InvariantBroken
from simulators.alarm_centre.ids import counted_ids, random_id
from simulators.alarm_centre.registry import Look, Registry
from simulators.alarm_centre.wire import Properties, Publish

__all__ = ["Binding", "InvariantBroken", "Look", "Properties", "Publish", "Registry", "counted_ids", "random_id"]
