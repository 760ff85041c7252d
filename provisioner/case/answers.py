"""What effects brought back, taken into the case; and what a fault means for the errand that met it."""

from dataclasses import replace
from datetime import datetime, timedelta

from provisioner.case import effects as fx
from provisioner.case import inputs as i
from provisioner.case import patience as p
from provisioner.case.device_answers import device_answered, fits_camera, given_up
from provisioner.case.identifiers import last4
from provisioner.case.identity import judged
from provisioner.case.model import Binding, BindingState, Case, Duty, Errand, Seen, but
from provisioner.case.needs import message_id
from provisioner.case.plan import PATIENCE, REJECTION_PATIENCE
from provisioner.case.policy import Policy
from provisioner.case.tasks import with_task, without_task
from provisioner.case.view_said import framed
from provisioner.fault import Fault, FaultKind, Text

IDENTITY_TASKS = ("identity-", "moved-without-provisioning-")
"""How the keys of tasks begin that a judgement of the camera raises; the next judgement ends those it does not raise again."""


def without(case: Case, errand: Errand) -> Case:
    """`case` with this errand finished."""
    return but(case, errands=tuple(e for e in case.errands if e.token.errand != errand.token.errand))


def with_errand(case: Case, errand: Errand) -> Case:
    """`case` with the errand of the same name replaced by `errand`."""
    return but(case, errands=tuple(errand if e.token.errand == errand.token.errand else e for e in case.errands))


def fits(effect: fx.Effect, answer: i.Answer) -> bool:
    """Whether this kind of answer can belong to this effect at all."""
    return fits_camera(effect, answer) if isinstance(effect, fx.OF_THE_CAMERA) else isinstance(answer, i.RegistryReply)


def answered(case: Case, errand: Errand, answer: i.Answer, now: datetime, policy: Policy) -> tuple[Case, tuple[str, ...]]:
    """The case after the answer, and the decision in words."""
    if not (isinstance(answer, i.RegistryReply) and answer.result == "rejected"):
        case = without_task(case, now, f"stuck-{errand.token.errand}", f"phone-alarm-centre-{errand.effect.kind}")
    match answer:
        case i.IdentityRead():
            return _identity(without(case, errand), answer, now, policy)
        case i.FrameJudged(report=report):
            assert isinstance(errand.effect, fx.JudgeFrame)
            return framed(without(case, errand), errand.effect.asked, report, policy)
        case i.RegistryReply():
            if answer.result == "rejected":
                return _rejected(case, errand, answer, now)
            if answer.result == "accepted":
                return _accepted(case, errand, now)
            if not shows_it_done(errand.effect, answer.bindings):
                return _unbelievable(case, errand, answer, now)
            return _completed(without(case, errand), errand.effect, answer, now, policy)
        case _:
            return device_answered(without(case, errand), errand, answer, now)


def _identity(case: Case, answer: i.IdentityRead, now: datetime, policy: Policy) -> tuple[Case, tuple[str, ...]]:
    """The camera before the case is confirmed, or a task says what is wrong with it and what to do next (D2, D3, `identity.py`)."""
    case, task, why = judged(case, answer, policy)
    others = tuple(t.key for t in case.tasks if t.key.startswith(IDENTITY_TASKS) and (task is None or t.key != task[0]))
    case = without_task(case, now, *others)
    return (case if task is None else with_task(case, task[0], task[1], now)), why


def shows_it_done(effect: fx.Effect, bindings: tuple[Binding, ...]) -> bool:
    """Whether a reply "completed" shows what the command was for: the binding, its camera, its state, and a revision exactly one higher (H22, I3)."""
    def stands(binding_id: str, serial: str, state: BindingState | None, revision: int | None) -> bool:
        return any(b.binding_id == binding_id and b.serial == serial and (state is None or b.state is state)
                   and (revision is None or b.revision == revision) for b in bindings)

    match effect:
        case fx.SuspendBinding():
            return stands(effect.binding_id, effect.serial, BindingState.SUSPENDED, effect.expected_revision + 1)
        case fx.ResumeBinding():
            return stands(effect.binding_id, effect.serial, BindingState.ACTIVE, effect.expected_revision + 1)
        case fx.RetireBinding():
            return stands(effect.binding_id, effect.serial, BindingState.RETIRED, effect.expected_revision + 1)
        case fx.SwapCamera():
            return stands(effect.binding_id, effect.new_serial, BindingState.SUSPENDED, effect.expected_revision + 1)
        case fx.PrepareBinding():
            return stands(effect.new_binding_id, effect.serial, BindingState.TEST, None)
        case fx.RebindCamera():
            return (stands(effect.old_binding_id, effect.serial, BindingState.RETIRED, effect.old_expected_revision + 1)
                    and stands(effect.new_binding_id, effect.serial, BindingState.ACTIVE, effect.new_expected_revision + 1))
        case fx.ChangeProvider():
            return any(b.binding_id == effect.binding_id and b.provider_ref == effect.new_provider_ref for b in bindings)
        case _:
            return True


def _unbelievable(case: Case, errand: Errand, reply: i.RegistryReply, now: datetime) -> tuple[Case, tuple[str, ...]]:
    """Believing it would be a false "done", asking again by itself an endless ping-pong: a person looks. The command stays in doubt, and *try again* puts
    it under the same message id: if this reply was forged, the alarm centre's own is still to come."""
    fault = Fault(FaultKind.GARBLED, errand.effect.kind, "completed, but the bindings shown say otherwise",
                  Text("Larmcentralen svarade klart, men visar något annat. Ring den och jämför.",
                       "The alarm centre replied completed, but shows something else. Phone it and compare."))
    return _stuck(case, replace(errand, failures=0), fault, now), ("refused: a completed reply that does not show it",)


def _adopt(case: Case, bindings: tuple[Binding, ...]) -> Case:
    """The registry's word on the bindings we know, if it is not older than what we know; others are none of our business."""
    for binding in bindings:
        for name in ("old_binding", "new_binding"):
            ours: Binding | None = getattr(case, name)
            if ours is not None and binding.binding_id == ours.binding_id and binding.revision >= ours.revision:
                case = but(case, **{name: binding})  # type: ignore[arg-type]
    return case


def adopted(case: Case, errand: Errand, now: datetime) -> Case:
    """What the rejection of `errand` showed becomes what we know: a person has looked and said try again.

    The serial stays ours (D5): a binding that carries another camera goes on being rejected until the alarm centre has put it right, unless it is
    the very camera that was being swapped in. A binding the alarm centre does not know is no binding.
    """
    effect = errand.effect
    for shown in errand.shown:
        for name in ("old_binding", "new_binding"):
            ours: Binding | None = getattr(case, name)
            if ours is not None and shown.binding_id == ours.binding_id and shown.revision >= ours.revision:
                case = but(case, **{name: replace(shown, serial=ours.serial)})  # type: ignore[arg-type]
        if isinstance(effect, fx.SwapCamera) and shown.binding_id == effect.binding_id and shown.serial == effect.new_serial and case.old_binding:
            case = _swapped(but(case, old_binding=replace(case.old_binding, serial=shown.serial)), effect, now)
    if errand.fault is not None and errand.fault.evidence == "BINDING_UNKNOWN":
        known = {shown.binding_id for shown in errand.shown}
        named = {getattr(effect, name, None) for name in ("binding_id", "old_binding_id", "new_binding_id")} - known
        for name in ("old_binding", "new_binding"):
            ours = getattr(case, name)
            if ours is not None and ours.binding_id in named:
                case = but(case, **{name: replace(ours, state=BindingState.RETIRED)})  # type: ignore[arg-type]
    old, new = case.old_binding, case.new_binding
    if (old is not None and new is not None and new.state is BindingState.ACTIVE and not case.rebind_completed
            and Duty.CAMERA_BACK_AT_OLD_HOME not in case.done):  # it hangs in the old home again: then a new binding in force is to be retired, not believed
        # Re-bound by hand at the alarm centre. One serial has one live binding (I1): the old one is over, whether it was shown or not.
        case = but(case, rebind_completed=True, replied_at=now, old_binding=replace(old, state=BindingState.RETIRED))
    return case


def _completed(case: Case, effect: fx.Effect, reply: i.RegistryReply, now: datetime, policy: Policy) -> tuple[Case, tuple[str, ...]]:
    case = but(_adopt(case, reply.bindings), replied_at=now)
    match effect:
        case fx.FindBinding(serial=serial):
            live = [b for b in reply.bindings if b.serial == serial and b.state is not BindingState.RETIRED]
            found = live[0] if len(live) == 1 else None
            case = but(case, looked_up=True, live_found=len(live), old_binding=found)
            if found is not None and reply.next_look_at is not None and case.first_look_at is None:
                case = but(case, first_look_at=reply.next_look_at)
            return case, (f"the registry knows {len(live)} live binding(s) of this serial",)
        case fx.PrepareBinding(new_binding_id=new_id):
            made = next(b for b in reply.bindings if b.binding_id == new_id)
            return but(case, new_binding=made), ("new binding in TEST",)
        case fx.AskTestLook():
            return _test_look(case, reply, now, policy)
        case fx.RebindCamera():
            case = but(case, rebind_completed=True)
        case fx.ChangeProvider():
            case = but(case, switch_completed=True)
        case fx.SwapCamera():
            case = _swapped(case, effect, now)
        case _:
            pass
    return case, (f"the registry completed {effect.kind}",)


_OF_ONE_CAMERA = (Duty.POSTURE_CONFIRMED, Duty.CREDENTIALS_ROTATED, Duty.CAMERA_BACK_AT_OLD_HOME)


def _swapped(case: Case, effect: fx.SwapCamera, now: datetime) -> Case:
    """Another camera, with settings, password and a place of its own: nothing that was confirmed of the old one is true of it (D14)."""
    text = Text(f"Kameran som slutar på {last4(effect.old_serial)}: rensa den och ställ den i karantän. Den är utbytt.",
                f"The camera whose serial ends in {last4(effect.old_serial)}: clear it and put it into quarantine. It has been swapped out.")
    case = but(case, expected_serial=effect.new_serial, replaced_serials=(*case.replaced_serials, effect.old_serial), mount=None, visit=None,
               identity=None, judged=None, dossier=None, rotation=None, posture=None, marking=None, frame=None, zones=None, masking=None, bed=None, reflections=(),
               overrides=(), view=None, sign=None, test_look=None, code_in_picture=False, new_binding=None,
               done={duty: done for duty, done in case.done.items() if duty not in _OF_ONE_CAMERA})
    return with_task(case, f"quarantine-{last4(effect.old_serial)}", text, now)


def _test_look(case: Case, reply: i.RegistryReply, now: datetime, policy: Policy) -> tuple[Case, tuple[str, ...]]:
    look = case.test_look
    if look is None:
        return case, ("a test look nobody asked for",)
    seen = replace(look, code_seen=reply.code_seen, answered_at=reply.at)
    if now - look.started_at > policy.test_look_valid:
        text = Text("Testtitten tog längre än 15 minuter. Gör om den.", "The test look took more than 15 minutes. Do it again.")
        return with_task(but(case, test_look=None), "test-look", text, now), ("refused: the test look is too old",)
    if not seen.ok:
        what = f"{reply.code_seen}" if reply.code_seen else "-"
        text = Text(f"Operatören såg inte koden (såg: {what}). Håll kortet stilla framför kameran och gör om testtitten.",
                    f"The operator did not see the code (saw: {what}). Hold the card still before the camera and do the test look again.")
        return with_task(but(case, test_look=None), "test-look", text, now), ("refused: the operator saw another code, or none",)
    return without_task(but(case, test_look=seen), now, "test-look"), ("the operator saw the code",)


def _accepted(case: Case, errand: Errand, now: datetime) -> tuple[Case, tuple[str, ...]]:
    if not isinstance(errand.effect, fx.ChangeProvider):
        return case, ("accepted, which says nothing yet: the outcome is awaited",)
    waiting = replace(errand, accepted=True, in_doubt=False, retry_at=None, deadline_at=max(errand.effect.effective_at, now) + timedelta(seconds=60))
    return with_errand(case, waiting), ("the registry accepted it for its instant",)


def _rejected(case: Case, errand: Errand, reply: i.RegistryReply, now: datetime) -> tuple[Case, tuple[str, ...]]:
    code = reply.code or "REJECTED"
    fault = Fault(FaultKind.REFUSED, errand.effect.kind, code, Text(
        f"Larmcentralen avvisade kommandot ({code}). Jämför med den, och säg sedan: försök igen.",
        f"The alarm centre rejected the command ({code}). Compare with it, then say: try again."))
    errand = replace(errand, accepted=False, in_doubt=False, shown=reply.bindings)
    if code == "FAILED_NO_PICTURE":
        text = Text("Operatören fick ingen bild. Kontrollera kamerans nät och gör om testtitten.",
                    "The operator got no picture. Check the camera's network and do the test look again.")
        return with_task(replace(without(case, errand), test_look=None), "test-look", text, now), ("the operator got no picture",)
    patience = REJECTION_PATIENCE.get(code)
    wait_s = patience.wait_s(errand.failures + 1, case.case_id) if patience else None
    if wait_s is None:
        return _stuck(case, errand, fault, now), (f"rejected: {code}",)
    # "not now": the stored reply would be repeated for the same message id, so the next try gets a new one
    fresh: fx.Effect = replace(errand.effect, msg_id=message_id(case, errand.token.errand, now))  # type: ignore[arg-type]
    resting = replace(errand, effect=fresh, failures=errand.failures + 1, fault=fault, deadline_at=None, retry_at=now + timedelta(seconds=wait_s))
    return with_errand(case, resting), (f"rejected for now: {code}; again in {wait_s:.0f} s",)


def failed(case: Case, errand: Errand, fault: Fault, now: datetime, policy: Policy) -> tuple[Case, tuple[str, ...]]:
    """The errand rests and will be asked again, or a person must act."""
    failures = errand.failures + 1
    if isinstance(errand.effect, fx.OF_THE_CAMERA):
        patience = PATIENCE[type(errand.effect)].get(fault.kind, p.NONE)
    elif fault.kind is FaultKind.UNSUPPORTED:
        patience = p.NONE  # the answer came and our own records cannot hold it: another open case has this camera (U35). Asking again changes nothing
    else:
        patience = p.REGISTRY
    wait_s = patience.wait_s(failures, f"{case.case_id}/{errand.token.errand}")
    given = given_up(without(case, errand), errand, now) if wait_s is None else None
    if given is not None:
        return given, (f"{fault.kind}: {errand.effect.kind} given up after {failures} tries",)
    if wait_s is None:
        return _stuck(case, replace(errand, failures=failures), fault, now), (f"{fault.kind}: patience over after {failures} tries",)
    wait_s = max(wait_s, fault.wait_s or 0.0)
    resting = replace(errand, failures=failures, fault=fault, deadline_at=None, retry_at=now + timedelta(seconds=wait_s))
    case = with_errand(case, resting)
    if patience is p.REGISTRY and failures == len(p.REGISTRY.waits_s):
        text = Text(f"Larmcentralen svarar inte ({errand.effect.kind}). Ring den. Vad den har gjort vet ingen förrän den svarar; besöken gäller så länge.",
                    f"The alarm centre does not answer ({errand.effect.kind}). Phone it. What it has done nobody knows before it answers; visits hold so long.")
        case = with_task(case, f"phone-alarm-centre-{errand.effect.kind}", text, now)
    return case, (f"{fault.kind}: {fault.evidence}; try {failures + 1} in {wait_s:.1f} s",)


def _stuck(case: Case, errand: Errand, fault: Fault, now: datetime) -> Case:
    """A person must act. A camera errand starts anew with the next scan; a registry errand, whose answer is there, with `try_again`."""
    text = Text(f"{fault.what}: {fault.hint.sv}", f"{fault.what}: {fault.hint.en}")
    case = with_errand(case, replace(errand, stuck=True, fault=fault, deadline_at=None, retry_at=None))
    return with_task(case, f"stuck-{errand.token.errand}", text, now)


def heard(case: Case, news: i.News, now: datetime) -> tuple[Case, tuple[str, ...]]:
    """What the alarm centre told by itself."""
    if case.is_final:
        return case, ()
    ours = {b.binding_id: b for b in (case.old_binding, case.new_binding) if b is not None}
    binding = ours.get(news.binding_id)
    match news:
        case i.BindingSeen():
            return _seen(case, news, binding, now)
        case i.LookDone(ok=True, at=at) if binding is not None and binding.state is BindingState.ACTIVE and case.first_look_ok_at is None \
                and case.began_at is not None:
            return but(case, first_look_ok_at=at), ("the first real look succeeded",)
        case i.ChangedExternally(revision=revision) if binding is not None and revision > binding.revision:
            return _edited_by_hand(case, revision, now), ("the registry was edited by hand",)
        case i.FirstLookPlanned(at=at) if binding is not None and at > now:
            return but(case, first_look_at=at), (f"first planned look at {at.isoformat()}",)
        case _:
            return case, ()


def _edited_by_hand(case: Case, revision: int, now: datetime) -> Case:
    text = Text("Någon har ändrat kopplingen för hand hos larmcentralen. Ring och jämför innan ärendet går vidare.",
                "Somebody edited the binding by hand at the alarm centre. Phone and compare before the case goes on.")
    return with_task(case, f"edited-by-hand-{revision}", text, now)


def _seen(case: Case, news: i.BindingSeen, binding: Binding | None, now: datetime) -> tuple[Case, tuple[str, ...]]:
    known = next((s for s in case.seen if s.binding_id == news.binding_id), None)
    if known is not None and news.revision < known.revision:
        return case, ()
    if known is not None and (known.state, known.revision) == (news.state, news.revision):
        return case, ()
    seen = Seen(news.binding_id, news.state, news.revision, now)
    case = but(case, seen=(*(s for s in case.seen if s.binding_id != news.binding_id), seen))
    if binding is not None and news.revision > binding.revision and not _may_be_our_doing(case, binding, news):
        return _edited_by_hand(case, news.revision, now), (f"retained state {news.state} revision {news.revision}, which is not our doing",)
    return case, (f"retained state {news.state} revision {news.revision}",)


def _may_be_our_doing(case: Case, binding: Binding, news: i.BindingSeen) -> bool:
    """The retained state often comes before the reply. A provider change that waits for its instant changes nothing but the revision, by one."""
    if any(errand.in_doubt for errand in case.errands):
        return True
    return any(errand.accepted for errand in case.errands) and news.state is binding.state and news.revision == binding.revision + 1
