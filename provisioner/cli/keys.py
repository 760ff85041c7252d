"""`provisioner keys status|rotate`: which key seals what, and taking everything to the newest."""

import argparse
from contextlib import closing
from datetime import UTC, datetime

from provisioner.case.audit import Purpose
from provisioner.cli.doctor import BEAT_FRESH
from provisioner.cli.main import Context
from provisioner.cli.out import OK, REFUSED
from provisioner.cli.reader import access_of
from provisioner.fault import PlainError, Text
from provisioner.store.rotating import KeyUse
from provisioner.store.sql import SqlStore
from provisioner.wiring import open_store


def keys_status(args: argparse.Namespace, context: Context) -> int:
    """Each key, what it still seals, and whether its secret must stay."""
    with closing(open_store(context.settings, context.secrets)) as store:
        return _told(store.key_uses(), context)


def rotate_keys(args: argparse.Namespace, context: Context) -> int:
    """Re-seal everything with the newest keys, in small batches beside the daemon. Killed, it goes on where it was when it is called again."""
    out, now = context.out, context.clock.now()
    access = access_of(args, Purpose.MAINTENANCE)
    with closing(open_store(context.settings, context.secrets)) as store:
        _all_know_the_keys(store, context)
        for table, done in store.rotate_keys(now, access, args.batch):
            out.text(Text(f"{table}: {done} omförseglade", f"{table}: {done} re-sealed"))
        after: str | None = ""
        while after is not None:
            after = store.index_people(now, after)
        return _told(store.key_uses(), context)


def _all_know_the_keys(store: SqlStore, context: Context) -> None:
    """A daemon that started before the newest key cannot read what is sealed with it: it would fail in the middle of a visit."""
    written = context.secrets.newest_key_at()
    if written is None:
        return
    now, since = context.clock.now(), datetime.fromtimestamp(written, UTC)
    for beat in store.daemons():
        if now - beat.beat_at < BEAT_FRESH and beat.started_at < since:
            raise PlainError("daemon_older_than_key", Text(
                f"Daemonen {beat.worker} startades innan den nya nyckeln fanns och kan inte läsa den. Starta om den först: systemctl restart provisioner.",
                f"The daemon {beat.worker} was started before the new key was there and cannot read it. Restart it first: systemctl restart provisioner."),
                exit_code=REFUSED)


def _told(uses: list[KeyUse], context: Context) -> int:
    out = context.out
    out.result({"keys": [{"name": use.name, "rows": use.rows, "present": use.present, "newest": use.newest, "needed": use.needed} for use in uses]})
    for use in uses:
        if not use.present:
            text = Text(f"SAKNAS: {use.rows} rader kan inte läsas utan den", f"MISSING: {use.rows} rows cannot be read without it")
        elif use.newest:
            text = Text(f"förseglar; {use.rows} rader", f"seals; {use.rows} rows")
        elif use.needed:
            text = Text(f"behövs än: {use.rows} rader. Kör provisioner keys rotate", f"still needed: {use.rows} rows. Run provisioner keys rotate")
        else:
            text = Text("behövs inte mer; ta bort hemligheten när säkerhetskopiorna från före har gått ut",
                        "no longer needed; take the secret away once the backups of before have expired")
        out.say(f"{use.name:18} {text.in_language(out.language)}")
    return REFUSED if any(not use.present for use in uses) else OK
