"""A simulated year of a municipality: `python -m tests.whole.year` (people, days and seed can be given).

Real: the core, the SQL store on SQLite (synchronous OFF), the daemon's loop, the registry's pump and encoding, the night watch, the calls and their sender.
Simulated, with the parts of `tests/whole/simulation`: time, broker, the alarm centre and its operators, cameras, people.
Ordinary nights of ordinary homes are counted, not acted.

| file | what it is |
|---|---|
| `calendar.py`, `world.py` | Swedish clocks by the time zone database, planned looks as instants, virtual time |
| `town.py` | two thousand people, their homes, and the cases to come: moves, provider changes, what is put off, ended, swapped |
| `folk.py`, `post.py` | who follows a case, in office hours; who is called, and what they do about it |
| `centre.py`, `troubles.py` | the alarm centre; edits by hand, dead cameras, nights without the registry, hours without the broker |
| `judge.py` | who kept each planned look, and whether it was known before where nobody did |
| `run.py`, `__main__.py` | the year; its report |
"""
