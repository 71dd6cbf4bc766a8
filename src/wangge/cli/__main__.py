"""`python -m wangge.cli`, the same as `wangge`."""

from wangge.cli import main

if __name__ == "__main__":
    main()
