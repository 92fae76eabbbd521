"""`python -P -m api.cli`."""

from api.cli.commands import main

if __name__ == "__main__":
    main()
