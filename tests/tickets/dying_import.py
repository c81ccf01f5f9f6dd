"""Run as a program: carries an import on, without asking whether somebody does already, until it is killed."""

import asyncio
import sys

from app.db.session import Database
from app.tickets.importing.carrying_on import carry_on_later


async def main() -> None:
    await carry_on_later(Database(sys.argv[1]), {"import": int(sys.argv[2])})


if __name__ == "__main__":
    asyncio.run(main())
