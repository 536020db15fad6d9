"""The running bot: configuration, the engine, the web server, the command line, and what puts them together."""
