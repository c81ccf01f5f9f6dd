"""Brings the front end's third-party files into the repository: packed by npm, checked, copied.

Run `python -m scripts.vendor` after changing the table; the results are committed, so nobody else needs npm.
`--packed DIR` takes tarballs that `npm pack` has already written to DIR.
"""

import argparse
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scripts.icon_sprite import ICON_NAMES, sprite

STATIC = Path(__file__).parent.parent / "static"
LUCIDE = ("lucide-static", "1.62.0")


@dataclass(frozen=True)
class VendoredFile:
    package: str
    version: str
    file: str
    target: str
    sha256: str


HTMX = ("htmx.org", "4.0.1")
INTER = ("@fontsource-variable/inter", "5.3.0")
JETBRAINS_MONO = ("@fontsource-variable/jetbrains-mono", "5.3.0")

VENDORED_FILES = (
    VendoredFile(
        *HTMX,
        "dist/htmx.min.js",
        "vendor/htmx-4.0.1.min.js",
        "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
    ),
    VendoredFile(
        *HTMX,
        "dist/ext/hx-sse.min.js",
        "vendor/hx-sse-4.0.1.min.js",
        "18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103",
    ),
    VendoredFile(
        *HTMX,
        "LICENSE",
        "vendor/LICENSE-htmx.txt",
        "d3d2456f76414f2456104660ebd65aff1c04cd7966b942bdabd63f3cdb316a38",
    ),
    VendoredFile(
        *INTER,
        "files/inter-latin-opsz-normal.woff2",
        "fonts/inter-latin-5.3.0.woff2",
        "2c295d99e26dcf357d4d01bcf270fd6924b600c9a13dd8c363ef114f4c6976fa",
    ),
    VendoredFile(
        *INTER,
        "files/inter-latin-ext-opsz-normal.woff2",
        "fonts/inter-latin-ext-5.3.0.woff2",
        "5e6d4fe9d9f4bff8b2a2469d25ab19576bb85331e22c6ed51398e16f95d56a9c",
    ),
    VendoredFile(
        *INTER,
        "LICENSE",
        "fonts/LICENSE-inter.txt",
        "3b0a5fca3d17942cde889069889dedbbbd075e9b599968c82a95f4d944e9b345",
    ),
    VendoredFile(
        *JETBRAINS_MONO,
        "files/jetbrains-mono-latin-wght-normal.woff2",
        "fonts/jetbrains-mono-latin-5.3.0.woff2",
        "18be452724bfdc236c074ca94a249a7f41a86752c7d04ab258ce9ed5651f6a7e",
    ),
    VendoredFile(
        *JETBRAINS_MONO,
        "LICENSE",
        "fonts/LICENSE-jetbrains-mono.txt",
        "403581b69dac5cff4079205e01c6b467e56af449ecbd7247693ddb1baafa005b",
    ),
    VendoredFile(
        *LUCIDE,
        "LICENSE",
        "icons/LICENSE-lucide.txt",
        "b495047bd93a9b06913511076f504daba17d5bbeb3e0650f3bb53a4220329c57",
    ),
)
SPRITE = "icons/sprite.svg"
SPRITE_SHA256 = "2d44f6070357bcc0c32a22d17f20b544d4a7e4a394d52c48493303f28bc448d6"


class ChecksumMismatch(Exception):
    """What was packed is not what was reviewed; nothing is copied."""


def vendor(packed: Path) -> None:
    for vendored in VENDORED_FILES:
        copy_checked(vendored, package_folder(vendored.package, vendored.version, packed))
    icons = package_folder(*LUCIDE, packed) / "icons"
    drawn = sprite({name: (icons / f"{name}.svg").read_text("utf-8") for name in ICON_NAMES})
    (STATIC / SPRITE).write_text(drawn, "utf-8")
    print(f"{SPRITE} {sha256(drawn.encode())}")


def copy_checked(vendored: VendoredFile, folder: Path) -> None:
    source = folder / vendored.file
    found = sha256(source.read_bytes())
    if found != vendored.sha256:
        raise ChecksumMismatch(f"{vendored.package} {vendored.file}: expected {vendored.sha256}, found {found}")
    target = STATIC / vendored.target
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    print(f"{vendored.target} {found}")


def package_folder(package: str, version: str, packed: Path) -> Path:
    """npm writes `@scope/name` as `scope-name-version.tgz`, always with one folder `package` inside."""
    stem = f"{package.removeprefix('@').replace('/', '-')}-{version}"
    folder = packed / stem
    if not folder.exists():
        with tarfile.open(packed / f"{stem}.tgz") as tarball:
            tarball.extractall(folder, filter="data")
    return folder / "package"


def pack(packages: Iterable[tuple[str, str]], packed: Path) -> None:
    for package, version in sorted(set(packages)):
        subprocess.run(
            ["npm", "pack", f"{package}@{version}", "--pack-destination", str(packed)],
            check=True,
            stdout=subprocess.DEVNULL,
        )


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packed", type=Path, help="a folder of tarballs; without it they are packed by npm")
    tarballs: Path | None = parser.parse_args().packed
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if tarballs is None:
            pack(((vendored.package, vendored.version) for vendored in VENDORED_FILES), folder)
        else:
            for tarball in tarballs.glob("*.tgz"):
                shutil.copy(tarball, folder)
        vendor(folder)


if __name__ == "__main__":
    main()
