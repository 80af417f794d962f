"""``python -m hotline.app``: the command line, for where no script is installed."""

from hotline.app import main

main()
