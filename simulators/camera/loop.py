"""One asyncio loop in one background thread, shared by all cameras of the process; pictures are encoded in a few threads beside it.

A thread per camera would cost more memory than the camera itself: a later fleet runs 1,000 cameras in one process.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_thread: threading.Thread | None = None

# Two: painting and encoding let go of the interpreter lock, and the machines we measure on have two cores.
pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="camera-pictures")


def shared_loop() -> asyncio.AbstractEventLoop:
    """The running loop; started at first use."""
    global _loop, _thread
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            _thread = threading.Thread(target=_loop.run_forever, name="simulated-cameras", daemon=True)
            _thread.start()
        return _loop


def on_loop() -> bool:
    """Whether the caller already runs in the cameras' thread."""
    return threading.current_thread() is _thread


def run(coroutine: Coroutine[Any, Any, T], within_s: float = 30.0) -> T:
    """Runs a coroutine on the loop and waits for it; for callers of other threads."""
    if on_loop():
        coroutine.close()
        raise RuntimeError("start and stop a camera from another thread than the cameras' own")
    return asyncio.run_coroutine_threadsafe(coroutine, shared_loop()).result(within_s)


def call(function: Callable[[], T], within_s: float = 30.0) -> T:
    """Calls a plain function on the loop and waits for its result; from the loop itself it is simply called."""
    if on_loop():
        return function()

    async def do() -> T:
        return function()

    return run(do(), within_s)
