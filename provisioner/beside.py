"""What runs beside the daemon's loop: calls going out to people, and the night's lists at their hours. Part of the composition root."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from provisioner.case.identifiers import SerialNumber
from provisioner.case.model import Binding, BindingState
from provisioner.case.night import Listed
from provisioner.config import Secrets, Settings
from provisioner.fault import Fault, PlainError
from provisioner.nightly import NightWatch
from provisioner.ports import Clock
from provisioner.post.channels import Channel, Mail, Webhook
from provisioner.post.sender import send_due
from provisioner.registry import asking
from provisioner.registry.messages import BindingSnapshot
from provisioner.registry.settings import RegistrySettings
from provisioner.store.sql import SqlStore

log = logging.getLogger("provisioner.beside")

POST_EVERY_S, NIGHT_EVERY_S = 2.0, 20.0
LIST_DEADLINE_S = 60.0  # all pages of a municipality's bindings


def channels(settings: Settings, secrets: Secrets) -> list[Channel]:
    """The ways out that the settings name. Raises `PlainError` where a secret is missing."""
    post, found = settings.post, list[Channel]()
    to = {str(who): addresses for who, addresses in post.to.items()}
    if post.smtp_host:
        found.append(Mail(post.smtp_host, post.smtp_port, post.smtp_security, post.smtp_sender, to, post.smtp_username,
                          secrets.read("smtp-password") if post.smtp_username else None, settings.language,
                          str(post.smtp_ca_file) if post.smtp_ca_file else None))
    if secrets.has("webhook-url"):
        found.append(Webhook(secrets.read("webhook-url").reveal(), secrets.read("webhook-secret") if secrets.has("webhook-secret") else None))
    return found


def night_watch(settings: Settings, store: SqlStore, registry: RegistrySettings, clock: Clock) -> NightWatch:
    """The watch of this installation. It asks under a client id of its own (`registry`), so that the daemon's own line is not taken from it."""
    return NightWatch(store, lambda: listed(registry, clock), lambda report: asking.report_night(registry, clock, LIST_DEADLINE_S, report),
                      settings.night.lists_at, timedelta(hours=settings.night.silent_h))


def listed(registry: RegistrySettings, clock: Clock, deadline_s: float = LIST_DEADLINE_S) -> Sequence[Listed] | Fault:
    """The alarm centre's bindings, as the core compares them."""
    answer = asking.list_bindings(registry, clock, deadline_s)
    return answer if isinstance(answer, Fault) else [_listed(row) for row in answer]


def _listed(row: BindingSnapshot) -> Listed:
    binding = Binding(row.binding_id, SerialNumber(row.camera_serial), row.site_ref, row.provider_ref, row.schedule_ref, BindingState(row.state), row.revision)
    return Listed(binding, row.last_look_at, row.next_look_at)


@contextmanager
def running(settings: Settings, store: SqlStore, ways: Sequence[Channel], watch: NightWatch, clock: Clock,
            on_bug: Callable[[BaseException], None]) -> Iterator[None]:
    """Both threads, until the block ends. A bug in one of them goes to `on_bug`."""
    stopping = threading.Event()
    ladder = settings.post.ladder()
    if not ways:
        log.warning("nobody is told by mail or webhook: calls stand on the notice board alone", extra={"event": "post"})
    threads = [threading.Thread(target=_repeat, args=(every_s, do, clock, stopping, on_bug), name=name, daemon=True) for name, every_s, do in (
        *((("post", POST_EVERY_S, lambda _: send_due(store, ways, ladder, clock.now)),) if ways else ()),
        ("night", NIGHT_EVERY_S, watch.tick))]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(2)  # one that waits for a server ends with the process: what was not counted is sent again


def _repeat(every_s: float, do: Callable[[datetime], object], clock: Clock, stopping: threading.Event, on_bug: Callable[[BaseException], None]) -> None:
    while not stopping.is_set():
        try:
            do(clock.now())
        except PlainError as error:  # the store is unwell; the daemon's loop says so and comes back
            log.debug("put off: %s", error.text.en, extra={"event": error.code})
        except Exception as error:  # noqa: BLE001 - not swallowed: it ends the daemon
            on_bug(error)
            return
        stopping.wait(every_s)
