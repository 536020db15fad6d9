"""Microsoft Teams: cards out, activities in. Knows nothing of Slack."""
