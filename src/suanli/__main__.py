"""Run the command line as ``python -m suanli``."""

from suanli.cli import main

if __name__ == "__main__":
    main()
