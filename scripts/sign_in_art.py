"""Draws `static/icons/sign-in-art.svg`: the line work of security paper, a signature and its seal."""

from math import cos, pi, sin
from pathlib import Path

TARGET = Path(__file__).parent.parent / "static/icons/sign-in-art.svg"
WAVES = 22
POINTS = 120

SIGNATURE = """
<g stroke="oklch(0.95 0.02 266)" stroke-width="3.25" stroke-linejoin="round"><path d="M118 452C150 372 196 300 222 304
C250 309 196 432 206 446C216 460 258 366 284 362C306 359 280 424 292 434C304 443 330 388 346 390
C360 392 346 428 358 434C378 442 396 396 414 400C428 404 418 430 436 432C466 436 500 408 560 398"/></g>
<path d="M96 486H612" stroke="oklch(0.95 0.02 266)" stroke-width="1.25" stroke-opacity=".5"/>
<circle cx="612" cy="486" r="26" fill="oklch(0.235 0.048 266)"/>
<circle cx="612" cy="486" r="17" fill="oklch(0.62 0.14 156)"/>
<path d="m604.5 486.5 5.2 5.2 10-10.6" stroke="#fff" stroke-width="3" stroke-linejoin="round"/>
"""


def wave(number: int) -> str:
    """One of the phase-shifted waves whose envelope makes the pattern."""
    phase = number / WAVES * 2 * pi
    points = []
    for step in range(POINTS + 1):
        along = step / POINTS
        height = 46 + 58 * sin(pi * along) ** 2
        drift = 400 + 60 * sin(2 * pi * along * 1.05 + 0.6)
        y = drift + height * sin(2 * pi * along * 2.5 + phase) * cos(pi * along + phase / 2)
        points.append(f"{-20 + 760 * along:.1f} {y:.1f}")
    return f'<path d="M{"L".join(points)}"/>'


def main() -> None:
    waves = "".join(wave(number) for number in range(WAVES))
    TARGET.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 900" preserveAspectRatio="xMidYMid slice"'
        ' fill="none" stroke-linecap="round">'
        f'<g stroke="oklch(0.62 0.13 266)" stroke-opacity=".34" stroke-width="0.9">{waves}</g>{SIGNATURE}</svg>\n',
        "utf-8",
    )


if __name__ == "__main__":
    main()
