"""The open tasks of a case: put on, and taken off by what happens."""

from dataclasses import replace
from datetime import datetime

from provisioner.case.model import Case, Done, Task, but
from provisioner.fault import Text


def with_task(case: Case, key: str, text: Text, now: datetime) -> Case:
    """`case` with an open task of this key; an open one that says the same is kept as it is."""
    if any(task.key == key and task.done is None and task.text == text for task in case.tasks):
        return case
    return but(case, tasks=(*(t for t in case.tasks if t.key != key), Task(key, text, now)))


def without_task(case: Case, now: datetime, *keys: str) -> Case:
    """`case` with the open tasks of these keys done by what just happened."""
    if not any(t.key in keys and t.done is None for t in case.tasks):
        return case
    return but(case, tasks=tuple(replace(t, done=Done("daemon", now)) if t.key in keys and t.done is None else t for t in case.tasks))
