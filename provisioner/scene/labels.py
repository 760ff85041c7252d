"""Files with what is known of a picture, to one `Known`: zones by hand, a floor plan with the camera's place, or an item of a labelled set."""

from collections.abc import Mapping
from typing import Any

from provisioner.scene.check import Known
from provisioner.scene.findings import Outline
from provisioner.scene.known import Purpose, Told, Zone, bad_zone, outline_in, read_zones, refuse_near_misses
from provisioner.scene.limits import FrameLimits

ITEM_KEYS = ("zones", "camera", "plan", "privacy_mask")  # an item has more, which say what is true; they are not read


def known_of(told: Mapping[str, dict[str, Any]], names: Mapping[str, str], size_px: tuple[int, int], limits: FrameLimits) -> Known:
    """`told`: the files by what they are (`zones`, `plan`, `labels`); `names`: what the sentences call them. Zones by hand go before those of labels.
    Raises `PlainError` for everything that makes no sense."""
    refuse_near_misses(told.get("labels", {}), ITEM_KEYS, names.get("labels", ""))
    by_hand = read_zones(told["zones"], size_px, names["zones"]) if "zones" in told else Told()
    labels = told.get("labels", {})
    zones = by_hand.zones or _labelled(labels, size_px, names.get("labels", ""))
    return Known(limits, zones, _mask_zone(labels, size_px, names.get("labels", "")), by_hand.tapped, by_hand.marks)


def _labelled(labels: dict[str, Any], size_px: tuple[int, int], name: str) -> tuple[Zone, ...]:
    """The bed of a labelled item; its other zones are where things are seen, and nobody's wish."""
    zones = labels.get("zones") or {}
    if not isinstance(zones, dict):
        raise bad_zone(name, "zones", "ett objekt med ytor", "an object with areas")
    bed = zones.get("bed")
    if bed is None:
        return ()
    raw = bed.get("poly_amodal") if isinstance(bed, dict) else bed
    return (Zone("bed", outline_in(raw, "bed", size_px, name), Purpose.INTENDED),)


def _mask_zone(labels: dict[str, Any], size_px: tuple[int, int], name: str) -> Outline | None:
    """What a mask is to cover: corners, or the name of another zone of the item."""
    mask = labels.get("privacy_mask")
    if mask is None:
        return None
    if not isinstance(mask, dict):
        raise bad_zone(name, "privacy_mask", 'ett objekt med "zone"', 'an object with "zone"')
    zone = mask.get("zone")
    if isinstance(zone, str):
        zones = labels.get("zones") or {}
        named = zones.get(zone)
        zone = (named.get("poly_amodal") or named.get("poly")) if isinstance(named, dict) else named
        zone = zone or mask.get("poly")
    return None if zone is None else outline_in(zone, "privacy_mask", size_px, name)
