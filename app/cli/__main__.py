"""`python -m app.cli`, where the package is not installed."""

import sys

from app.cli import main

sys.exit(main())
