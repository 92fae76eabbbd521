"""The command line: a user of the HTTP client, not a back door. Start it with `python -P -m api.cli`."""
