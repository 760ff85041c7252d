"""Feeds: one running encoder for all clients that look at the same picture in the same way.

A feed codes nothing while nobody looks. A client that may have an IDR at once gets the current group of pictures from its start if that is
young, or a new IDR; a client that joins in mid-GOP gets what comes next and waits for the IDR, as on cameras that do not force one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from . import h264
from .h264 import AccessUnit, Encoder
from .loop import pool
from .picture import PictureKey, prepare
from .state import CameraState, Profile

CATCH_UP_S = 0.5     # a group of pictures younger than this is sent from its start; the clock in the picture stays true within a second
LINGER_S = 5.0       # so long a feed keeps its encoder after the last client

Receive = Callable[[AccessUnit], None]


@dataclass(frozen=True)
class FeedKey:
    picture: PictureKey
    fps: int
    gop_s: float
    idr_at_play: bool
    codec: str = "H264"

    @classmethod
    def of(cls, state: CameraState, profile: Profile) -> FeedKey:
        return cls(PictureKey.of(state, profile, still=False), state.fps, state.gop_s, state.idr_at_play, state.codec)

    @property
    def shape(self) -> tuple[int, int, int, str]:
        return self.picture.width, self.picture.height, self.fps, self.codec


class Feed:
    """Lives on the cameras' loop; only the coding itself runs in the pool."""

    def __init__(self, key: FeedKey) -> None:
        self.key = key
        self._receivers: set[Receive] = set()      # these get every picture
        self._waiting: set[Receive] = set()        # these get pictures from the next IDR on
        self._recent: list[AccessUnit] = []        # the current group from its IDR on, while it is young
        self._idr_at_s = 0.0                       # when the current group began, in seconds since the epoch
        self._idr_wanted = False
        self._coding_idr = False
        self._hide_next = False                    # the next picture is the start of a group in whose middle the client joins
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def warm(self) -> None:
        """Somebody is about to look (DESCRIBE): a real camera's encoder runs already, so ours has a first picture ready."""
        if self._task is None:
            self._idr_wanted = True
            self._task = asyncio.get_running_loop().create_task(self._run())
        elif not self._is_watched() and self.key.idr_at_play and not self._is_young() and not self._coding_idr:
            self._idr_wanted = True
            self._wake.set()

    def begins_at_s(self) -> float:
        """The moment of the first picture that a client gets who joins now, in seconds since the epoch."""
        return self._recent[0].at_s if self.key.idr_at_play and self._is_young() else time.time()

    def join(self, receive: Receive, at_once: bool) -> None:
        """`at_once`: the client cannot use what runs (another scene), so it gets an IDR even on a camera that does not force one."""
        self.warm()
        watched = self._is_watched()
        if self.key.idr_at_play and self._is_young():
            for unit in self._recent:
                receive(unit)
            self._receivers.add(receive)
        elif self.key.idr_at_play or at_once:
            self._waiting.add(receive)
            self._idr_wanted = self._idr_wanted or not self._coding_idr
        else:
            self._receivers.add(receive)
            self._hide_next = not watched
        if self._idr_wanted or not watched:
            self._wake.set()

    def leave(self, receive: Receive) -> None:
        self._receivers.discard(receive)
        self._waiting.discard(receive)

    def force_idr(self) -> None:
        if self._is_watched():
            self._idr_wanted = True
            self._wake.set()

    def _is_watched(self) -> bool:
        return bool(self._receivers or self._waiting)

    def _is_young(self) -> bool:
        return bool(self._recent) and not self._idr_wanted and time.time() - self._recent[0].at_s < CATCH_UP_S

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        encoder = await loop.run_in_executor(pool, h264.borrow, *self.key.shape)
        next_at = loop.time()
        try:
            while True:
                await self._one(encoder)
                if not self._is_watched():
                    if not await self._woken(LINGER_S) and not self._is_watched():
                        return
                    next_at = loop.time()
                    continue
                next_at = max(next_at + 1 / self.key.fps, loop.time())
                if self._idr_wanted or await self._woken(next_at - loop.time()):
                    next_at = loop.time()
        finally:
            self._task = None
            self._recent.clear()
            h264.give_back(encoder)
            _feeds.pop(self.key, None)

    async def _woken(self, within_s: float) -> bool:
        try:
            async with asyncio.timeout(max(0.0, within_s)):
                await self._wake.wait()
        except TimeoutError:
            return False
        return True

    async def _one(self, encoder: Encoder) -> None:
        """Codes one picture and hands it to everybody who looks."""
        self._wake.clear()
        now_s = time.time()
        hidden, self._hide_next = self._hide_next, False
        idr = self._idr_wanted or self._group_is_over(now_s)
        self._idr_wanted, self._coding_idr = False, idr
        try:
            unit = await asyncio.get_running_loop().run_in_executor(pool, encoder.encode, self.key.picture, now_s, idr)
        finally:
            self._coding_idr = False
        if idr:
            self._idr_at_s, self._recent = now_s, [unit]
            self._receivers |= self._waiting
            self._waiting.clear()
        elif self._recent:
            self._recent.append(unit)
            if now_s - self._recent[0].at_s > CATCH_UP_S:
                self._recent.clear()
        if not hidden:
            for receive in tuple(self._receivers):
                receive(unit)

    def _group_is_over(self, now_s: float) -> bool:
        """Groups count from their own IDR; where the camera does not force one, the wall clock sets the beat, for all such cameras alike."""
        if self.key.idr_at_play:
            return now_s - self._idr_at_s >= self.key.gop_s - 0.5 / self.key.fps
        return now_s // self.key.gop_s != self._idr_at_s // self.key.gop_s


_feeds: dict[FeedKey, Feed] = {}


def feed(key: FeedKey) -> Feed:
    """The feed for that key; to be called on the loop."""
    found = _feeds.get(key)
    if found is None:
        found = _feeds[key] = Feed(key)
    return found


def paint_ahead(key: FeedKey) -> None:
    """Paints and opens what the first look needs, in the pool, while nobody waits."""
    def do() -> None:
        prepare(key.picture)
        h264.parameters(*key.shape)

    pool.submit(do)
