"""Use cases: open a period, record a report, answer a query, plan what is due, compose what is sent."""
