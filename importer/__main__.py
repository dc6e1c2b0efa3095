"""`python -m importer` is `weni-import`."""

from importer.cli import main

if __name__ == "__main__":
    main()
