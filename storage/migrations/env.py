"""Alembic runs this file; the connection comes from `storage.migrate`."""

from alembic import context

from storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
# The caller has begun the transaction, and commits it.
context.run_migrations()
