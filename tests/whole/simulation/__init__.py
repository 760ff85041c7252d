"""Deterministic simulation: the real daemon loop, core, store and registry pump in virtual time, driven by a seed.

    python -m tests.whole.simulation --seeds 1000          # 0: nothing was violated
    python -m tests.whole.simulation --seed 7 --verbose    # one seed again, exactly, with everything that happened

Real: `Daemon`, `advance`, `SqlStore` on a SQLite file (with synchronous=OFF: processes die here, power does not fail), `RegistryClient` with its pump
and the contract's encoding. Simulated: time, the broker and its lines, the alarm centre (its pure registry), cameras, people, and the death of the
process at any commit. What must always hold is watched by a judge that reads rows, messages and the alarm centre's own book, and asks none of the
code that it judges.

| file | what it is |
|---|---|
| `world.py` | virtual time, chance by seed, and how bad the weather is |
| `line.py`, `centre.py`, `cameras.py` | broker and lines; the alarm centre and its people; cameras, answering after virtual seconds |
| `process.py`, `crashes.py` | the daemon's process: it starts, dies at a commit, starts again on the same database |
| `people.py`, `sayings.py`, `mistakes.py`, `homes.py` | who says what, rightly and wrongly; the homes and forms they speak of |
| `judge.py`, `judge_cover.py`, `judge_wire.py`, `judge_end.py` | the invariants |
| `run.py`, `__main__.py` | one seed; many seeds |
| `breakages.py` | the product broken on purpose, to see that the judge finds it |
"""
