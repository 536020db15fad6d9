"""One repository for each protocol of `reporting.ports`, over SQLAlchemy Core."""
