"""Slack: people's doings in, neutral messages and forms out. The only package that knows Slack's words."""
