"""What status reporting is: words, rules and use cases, with no idea of chat, SQL or HTTP."""
