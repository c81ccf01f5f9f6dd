"""What this process holds lies in huge pages where the system gives them (docs/decisions/0016)."""

import re
from pathlib import Path

import pytest

from app.cli.huge_pages import SIZE, ask_for, worth_it

SMAPS = Path("/proc/self/smaps")
SWITCH = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def mapping(start: int, size: int, resident: int, *, rights: str = "rw-p", inode: int = 0, name: str = "") -> str:
    head = f"{start:x}-{start + size:x} {rights} 00000000 00:00 {inode} {name}\n"
    return f"{head}Size: {size // 1024} kB\nKernelPageSize: 4 kB\nRss: {resident // 1024} kB\nVmFlags: rd wr mr\n"


def test_whole_huge_pages_of_memory_that_is_in_use_are_taken() -> None:
    start = 3 * SIZE + 4096
    assert list(worth_it(mapping(start, 3 * SIZE, 3 * SIZE))) == [(4 * SIZE, 6 * SIZE)]
    assert list(worth_it(mapping(start, 3 * SIZE, 3 * SIZE, name="[heap]"))) == [(4 * SIZE, 6 * SIZE)]


def test_what_is_mostly_empty_or_shared_or_of_a_file_or_too_small_is_left_alone() -> None:
    whole, start = 4 * SIZE, 4 * SIZE
    left = [
        mapping(start, whole, whole // 4, name=""),  # a thread's stack
        mapping(start, whole, whole, rights="rw-s"),
        mapping(start, whole, whole, rights="r-xp", inode=77, name="/usr/lib/libc.so.6"),
        mapping(start, whole, whole, name="[stack]"),
        mapping(start + 4096, SIZE, SIZE),
    ]
    assert [found for one in left for found in worth_it(one)] == []


def test_each_mapping_is_judged_by_its_own_size() -> None:
    empty, full = mapping(4 * SIZE, 2 * SIZE, 0), mapping(8 * SIZE, SIZE, SIZE)
    assert list(worth_it(empty + full)) == [(8 * SIZE, 9 * SIZE)]


def test_a_process_that_asks_is_given_huge_pages_and_keeps_what_it_holds() -> None:
    if not SWITCH.exists() or "[never]" in SWITCH.read_text():
        pytest.skip("This system has no huge pages to give.")
    held = bytearray(b"kept" * (2 * SIZE))
    assert ask_for(SMAPS) > 0
    assert held == b"kept" * (2 * SIZE)
    assert sum(int(size) for size in re.findall(r"AnonHugePages: +(\d+) kB", SMAPS.read_text())) > 0


def test_a_system_without_the_file_is_asked_for_nothing(tmp_path: Path) -> None:
    assert ask_for(tmp_path / "smaps") == 0
