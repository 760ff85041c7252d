"""What the technician says on site: scans, mounting, the visit, the view, the sign, the test look. Each taken into the case, or refused with the way out."""

from datetime import datetime

from provisioner.case import inputs as i
from provisioner.case.cover import newest_state
from provisioner.case.device import FRAMES_OF_A_MASKING
from provisioner.case.device_needs import masked
from provisioner.case.effects import OF_THE_CAMERA, MaskZones
from provisioner.case.exits import settled
from provisioner.case.identifiers import SerialNumber, edit_distance_at_most_1, is_opaque, looks_like_asset_number, normalise_serial
from provisioner.case.identity import scanned_instead
from provisioner.case.model import BindingState, Case, Done, Mount, Role, Scan, SignDecision, State, TestLook, ViewDecision, Visit, but
from provisioner.case.needs import CODE_SEEN, RESUMED, fallback_stands, serial_equal
from provisioner.case.outcome import Refusal, refuse
from provisioner.case.plan import VIEW_BLOCKS
from provisioner.case.policy import Policy
from provisioner.case.view_check import ViewOverride
from provisioner.case.view_said import blocked_by, unjudged


def asset_number_scanned(text: str, case: Case, policy: Policy) -> bool:
    """Whether `text` is the asset number of the form, however it is spaced, or has the form of one (D3)."""
    asset = case.handing_over.asset_number if case.handing_over else None
    return looks_like_asset_number(text, policy.asset_number_pattern) or (asset is not None and normalise_serial(text) == (normalise_serial(asset) or ""))


def read_scan(case: Case, scanned: str, typed_reason: str, said: i.Said, now: datetime, policy: Policy,
              expected: SerialNumber | None) -> Scan | Refusal:
    """The label as a `Scan` of the expected serial, or the refusal that says what was scanned instead (D2, D3, H3). Nothing is accepted by likeness."""
    if asset_number_scanned(scanned, case, policy):
        return refuse("asset_number", "Det där är inventarienumret. Skanna serienumret på kamerans egen etikett.",
                      "That is the asset number. Scan the serial number on the camera's own label.", "scanned")
    serial = normalise_serial(scanned)
    instead = scanned_instead(case, scanned, expected, policy) if serial is None or serial != expected else None
    if instead is not None:
        return refuse(instead[0], instead[1].sv, instead[1].en, "scanned")
    if serial is None:
        return refuse("not_a_serial", "Det där är inget serienummer. Skannade du routern eller inventarieetiketten?",
                      "That is no serial number. Did you scan the router or the asset tag?", "scanned")
    if serial != expected:
        if expected and edit_distance_at_most_1(serial, expected):
            return refuse("serial_one_off", "Serienumret skiljer på ett tecken från det väntade. Skanna igen; skriv det inte.",
                          "The serial differs by one character from the expected one. Scan again; do not type it.", "scanned")
        return refuse("other_camera", "Det är en annan kamera än ärendets. Är det rätt ärende och rätt kamera?",
                      "That is another camera than the case's. Is it the right case and the right camera?", "scanned")
    if typed_reason and len(typed_reason) < 10:
        return refuse("reason_too_short", "Skriv varför etiketten inte kan skannas (minst 10 tecken).",
                      "Say why the label cannot be scanned (at least 10 characters).", "typed_reason")
    return Scan(serial, said.by, now, typed_reason)


def dismantling(case: Case, what: i.DismantlingBegins, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """D6: nothing is suspended before somebody visits."""
    if not fallback_stands(case):
        return refuse("no_fallback", "Titt-in får inte pausas förrän ansvarig enhet har bekräftat fysisk tillsyn.",
                      "The looks may not be suspended before the responsible unit has acknowledged physical supervision.")
    if case.missed is Visit.DISMANTLING:
        return refuse("not_booked_anew", "Ingen öppnade förra gången: boka först om båda tiderna.", "Nobody opened the last time: book both times anew first.")
    return but(case, dismantling_begun=Done(said.by, now))


_LOOKS_ARE_ON = refuse("looks_are_on", "Larmcentralen visar att titt-in är på igen i nuvarande bostad: kameran får inte flyttas nu. Ring larmcentralen.",
                       "The alarm centre shows that the looks at the old home are on again: the camera may not be moved now. Phone the alarm centre.")


def _looks_are_on(case: Case) -> bool:
    """Whether the registry's newest word is that somebody looks through this camera: moved now, it would show him another home (H1)."""
    return case.old_binding is not None and newest_state(case, case.old_binding) is BindingState.ACTIVE


def dismantled(case: Case, what: i.Dismantled, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """R31, D2, D13."""
    if _looks_are_on(case):
        return _LOOKS_ARE_ON
    hangs_there = case.replaced_serials[0] if case.replaced_serials else case.expected_serial  # after a swap the new camera is still in the bag
    scan = read_scan(case, what.scanned, what.typed_reason, said, now, policy, hangs_there)
    if isinstance(scan, Refusal):
        return scan
    missed = None if case.missed is Visit.DISMANTLING else case.missed  # somebody opened after all
    return but(case, dismantle=scan, old_sign_removed=what.old_sign_removed, missed=missed)


def mounted(case: Case, what: i.Mounted, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """R32, D12, H20: the camera, and everything without which it may not look."""
    if _looks_are_on(case):
        return _LOOKS_ARE_ON
    scan = read_scan(case, what.scanned, what.typed_reason, said, now, policy, case.expected_serial)
    if isinstance(scan, Refusal):
        return scan
    if not what.cohabitants_asked:
        return refuse("cohabitants_not_asked", "Fråga först om någon annan bor här; varje sammanboende ska samtycka.",
                      "Ask first whether anybody else lives here; each cohabitant must consent.", "cohabitants_asked")
    if not any(consent.subject == "service_user" for consent in what.consents) or not all(consent.given for consent in what.consents):
        return refuse("consent_missing", "Samtycke saknas. Kameran får inte startas: backa flytten eller avsluta; fysisk tillsyn gäller under tiden.",
                      "A consent is missing. The camera may not start: roll the move back or terminate; visits stay in force.", "consents")
    if not what.assessment_ref:
        return refuse("assessment_missing", "Ange hänvisning till den dokumenterade bedömningen för nya bostaden.",
                      "Give the reference of the documented assessment for the new home.", "assessment_ref")
    return but(case, mount=Mount(scan, what.consents, what.cohabitants_asked, what.assessment_ref), missed=None)


def visit(case: Case, what: i.VisitStarted, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """D2, D11: the label just scanned, and nobody in view who has not agreed."""
    if _checked_and_resumed(case):
        return _NOTHING_TO_CHECK
    if not what.nobody_in_view_or_agrees:
        return refuse("not_agreed", "Ingen bild förrän ingen syns i rummet, eller den som syns har sagt ja.",
                      "No picture before nobody is in view, or whoever is has agreed.", "nobody_in_view_or_agrees")
    if not now - policy.label_scan_valid <= what.scanned_at <= now + policy.label_scan_valid:
        return refuse("scan_too_old", "Etiketten skannades för mer än 15 minuter sedan. Skanna den igen, på plats.",
                      "The label was scanned more than 15 minutes ago. Scan it again, on site.", "scanned_at")
    scan = read_scan(case, what.scanned, what.typed_reason, said, now, policy, case.expected_serial)
    if isinstance(scan, Refusal):
        return scan
    if case.state is State.IDENTITY_VERIFIED:  # a new visit: six new frames
        return but(_without_camera_errands(case), visit=scan, frames_taken=0, frame=case.frame if case.frame and case.frame.trusted else None)
    keep_rotation = case.rotation if case.rotation is not None and case.rotation.good else None
    case = unjudged(_without_camera_errands(case))
    return but(case, visit=scan, identity=None, judged=None, frames_taken=0, rotation=keep_rotation, posture=None)


_NOTHING_TO_CHECK = refuse("resumed_already", "Allt är kontrollerat och titt-in återupptas. Invänta larmcentralen.",
                           "All is checked and the looks are being resumed. Await the alarm centre.")


def _checked_and_resumed(case: Case) -> bool:
    """Whether the way back has been checked and the looks are on, or may be any moment: a second check would find no binding that may be tested."""
    return case.state is State.ROLLING_BACK and serial_equal(case) and CODE_SEEN.met(case) and (RESUMED.met(case) or not settled(case))


def _without_camera_errands(case: Case) -> Case:
    """What was being asked of the camera is asked anew; late answers to it will be dropped."""
    return but(case, errands=tuple(e for e in case.errands if not isinstance(e.effect, OF_THE_CAMERA)))


def frame_wanted(case: Case, what: i.FrameWanted, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """D11: within 15 minutes of the scan, at most six a visit."""
    if case.visit is None or now - case.visit.at > policy.label_scan_valid:
        return refuse("scan_too_old", "Etiketten skannades för mer än 15 minuter sedan. Skanna den igen, på plats.",
                      "The label was scanned more than 15 minutes ago. Scan it again, on site.")
    if case.frames_taken >= policy.frames_per_visit:
        return refuse("frames_used_up", f"Högst {policy.frames_per_visit} bilder per besök. Skanna etiketten igen för ett nytt besök.",
                      f"At most {policy.frames_per_visit} frames a visit. Scan the label again for a new visit.")
    return unjudged(_without_camera_errands(case))


def zones(case: Case, what: i.ZonesDrawn, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """Where the camera must not see (R37): polygons in the picture. The view is judged again with the masks in it."""
    if case.zones is None and not what.zones:
        return but(case, zones=())
    for number, zone in enumerate(what.zones, start=1):
        if len(zone) < 3 or any(not -1 <= part <= 1 for corner in zone for part in corner):
            return refuse("zone_shape", f"Zon {number} ska ha minst tre hörn, inom bilden (-1 till 1).",
                          f"Zone {number} needs at least three corners, within the picture (-1 to 1).", "zones")
    if len(what.zones) > policy.zones_most:
        return refuse("too_many_zones", f"Högst {policy.zones_most} zoner. Vrid kameran i stället.",
                      f"At most {policy.zones_most} zones. Turn the camera instead.", "zones")
    if case.frames_taken + FRAMES_OF_A_MASKING > policy.frames_per_visit:
        return refuse("frames_used_up", f"Högst {policy.frames_per_visit} bilder per besök. Skanna etiketten igen för ett nytt besök.",
                      f"At most {policy.frames_per_visit} frames a visit. Scan the label again for a new visit.")
    return but(case, zones=what.zones, masking=None, view=None, errands=tuple(e for e in case.errands if not isinstance(e.effect, MaskZones)))


def view(case: Case, what: i.ViewAccepted, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """R37: all four answers yes, on a whole picture."""
    if case.frame is None or not case.frame.trusted:
        return refuse("no_frame", "Vänta på en hel bild först.", "Wait for a whole picture first.")
    if not masked(case):
        return refuse("zones_not_masked", "Det som inte får synas är inte bevisat maskat än. Vänta, eller vrid kameran.",
                      "What must not be seen is not proved masked yet. Wait, or turn the camera.")
    stops = blocked_by(case, VIEW_BLOCKS)
    if stops:
        text = VIEW_BLOCKS[stops[0]].text
        return refuse("view_blocked", text.sv, text.en)
    for field in ("monitoring_area_ok", "reflections_ok", "floor_plan_considered", "final_position"):
        if not getattr(what, field):
            return refuse("view_not_accepted", "Vrid eller maska kameran och ta en ny bild; alla fyra frågor ska kunna besvaras med ja.",
                          "Turn or mask the camera and take another frame; all four questions must be answered yes.", field)
    return but(case, view=ViewDecision(True, True, True, True, said.by, now))


def camera_moved(case: Case, what: i.CameraMoved, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """R38: what was judged of another picture is not judged of this one."""
    if case.rebind_completed or not settled(case):
        return refuse("rebind_under_way", "Kopplingen flyttas just nu. Vänta på larmcentralens svar.", "The re-bind is under way. Wait for the alarm centre's answer.")
    zones = () if case.zones else case.zones  # they were drawn in another picture: the masks go, and new ones are drawn
    visit = case.visit if case.frames_taken < policy.frames_per_visit else None  # no frame is left: the label is scanned again
    case = unjudged(_without_camera_errands(case))
    return but(case, visit=visit, bed=None, sign=None, test_look=None, zones=zones, masking=None)  # the plan leads back to where the view is judged


def view_override(case: Case, what: i.ViewBlockOverridden, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """What `plan.VIEW_BLOCKS` lets somebody answer for, answered for by name; the finding stays."""
    stops = blocked_by(case, VIEW_BLOCKS)
    if what.block not in stops:
        return refuse("nothing_stops", "Det stoppar inget. Det som stoppar: " + (", ".join(stops) or "inget") + ".",
                      "That stops nothing. What does: " + (", ".join(stops) or "nothing") + ".", "block")
    if not VIEW_BLOCKS[what.block].overridable or said.role is not Role.TEAM_LEAD or len(what.reason.strip()) < 10:
        text = VIEW_BLOCKS[what.block].text
        return refuse("no_override", f"Bara teamledaren kan svara för det, med ett skäl på minst 10 tecken, och inte för allt. {text.sv}",
                      f"Only the team lead can answer for that, with a reason of at least 10 characters, and not for everything. {text.en}", "reason")
    return but(case, overrides=(*case.overrides, ViewOverride(what.block, what.reason.strip(), said.by, now)))


def sign(case: Case, what: i.SignPlaced, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """R33-R36, R22: Swedish always, and the languages that the unit asked for."""
    asked_for = set(case.receiving.sign_languages) if case.receiving else {"sv"}
    if not ({"sv"} | asked_for) <= set(what.languages):
        return refuse("sign_languages", "Skylten på svenska ska alltid sitta uppe, och de språk som verksamheten begärt: " + ", ".join(sorted(asked_for)) + ".",
                      "The Swedish sign must always be up, and the languages the unit asked for: " + ", ".join(sorted(asked_for)) + ".", "languages")
    for field, sv, en in (("near_rooms", "Skylten ska sitta nära rummen där kameran är.", "The sign must be near the rooms where the camera is."),
                          ("not_from_front_door", "Skylten får inte synas från ytterdörren.", "The sign must not be visible from the front door."),
                          ("covers_reflections", "Skylten ska mötas före det område som syns via speglar och glas.",
                           "The sign must be met before the area seen through mirrors and glass.")):
        if not getattr(what, field):
            return refuse("sign_place", sv + " Flytta den och svara igen.", en + " Move it and answer again.", field)
    return but(case, sign=SignDecision(what.languages, True, True, True, said.by, now, what.place.strip()))


def test_look(case: Case, what: i.TestLookStarted, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """D9. Said again, it replaces the look that was asked for; a late answer to that one is dropped."""
    if _checked_and_resumed(case):
        return _NOTHING_TO_CHECK
    if not is_opaque(what.challenge_id) or not what.code.strip():
        return refuse("no_code", "Engångskoden saknas. Be om en ny.", "The one-time code is missing. Ask for a new one.", "code")
    look = TestLook(what.challenge_id, what.code, now, said.by, what.card_held)
    left = tuple(e for e in case.errands if e.effect.kind not in ("test_look", "show_code", "hide_code"))
    return but(case, test_look=look, errands=left, code_in_picture=True)


def serial_confirmed(case: Case, what: i.SerialConfirmed, said: i.Said, now: datetime, policy: Policy) -> Case | Refusal:
    """R11, D2 for a provider change: no picture is taken (R27)."""
    if case.moves:
        return refuse("wrong_kind", "Vid flytt bekräftas kameran på plats, inte i förväg.", "For a move the camera is confirmed on site, not beforehand.")
    scan = read_scan(case, what.scanned, what.typed_reason, said, now, policy, case.expected_serial)
    if isinstance(scan, Refusal):
        return scan
    return but(_without_camera_errands(case), visit=scan, identity=None, judged=None, confirm_by_camera=what.ask_camera)
