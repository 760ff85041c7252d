"""Migrations of the database, run by `store/migrate.py`. A file in `versions/` is never changed once it was released; it imports nothing of ours."""
