"""`python -m rasd` is `rasd`."""

import sys

from rasd.cli import main

sys.exit(main())
