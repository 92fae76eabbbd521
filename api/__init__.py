"""The HTTP door, the client that knocks on it, and the command line that uses the client."""
