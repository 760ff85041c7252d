"""The database: cases, their journal, what they owe, and people's data under seal. Start at `sql.py`; what the core needs of it is `ports.Store`."""
