"""The words by which kinds of meetings, languages, industries and offices are known. Plain data, a table to a file."""
