"""Where everything is kept: tables, repositories, the unit of work, the audit chain and the migrations."""
