"""``python -m surveysem``: the command line where the script is not on the path."""

from surveysem.cli import main

if __name__ == "__main__":
    main()
