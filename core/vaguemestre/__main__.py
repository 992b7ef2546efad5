"""`python -m vaguemestre`: the command line."""

from vaguemestre.cli import main

main()
