"""What tests share: a clock that stands still, a policy, and a small world on a real SQLite file."""
