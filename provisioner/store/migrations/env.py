"""What Alembic runs. The connection, with its open transaction, comes from `store/migrate.py`; there is no alembic.ini."""

from alembic import context

connection = context.config.attributes["connection"]
# SQLite cannot alter a column in place: batch mode copies the table instead.
context.configure(connection=connection, render_as_batch=connection.dialect.name == "sqlite")
with context.begin_transaction():
    context.run_migrations()
