"""Alembic migrations, run by `storage.migrate`."""
