"""What all tables share."""

from sqlalchemy import Column, ForeignKey, Integer, MetaData

from storage.types import KeyText

__all__ = ["KeyText", "link", "metadata", "row_id"]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def row_id() -> Column[int]:
    """A database id."""
    return Column("id", Integer, primary_key=True)


def link(name: str, target: str, *, optional: bool = False, key: bool = False) -> Column[int]:
    """A foreign key to `target`'s id; `key` makes it part of the primary key."""
    return Column(name, Integer, ForeignKey(f"{target}.id"), nullable=optional, primary_key=key)
