"""Claims: which files of the landing area belong to which partition."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from rasd.landing.claims import Claim, claim, partition_files, read_landed
from rasd.landing.discovery import LandingArea, LandingError
from rasd.settings import Settings
from rasd.storage.paths import LakePaths

DAY, NEXT_DAY = date(2026, 3, 1), date(2026, 3, 2)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "landing").mkdir()
    return Settings(landing=str(tmp_path / "landing"), lake=tmp_path / "lake", max_file_bytes=1000)


def land(settings: Settings, name: str, content: str = "", *, arrived: datetime | None = None) -> Path:
    path = Path(settings.landing) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content or name, encoding="utf-8")
    if arrived:
        os.utime(path, (arrived.timestamp(), arrived.timestamp()))
    return path


def landed(settings: Settings, ingest_date: date) -> pa.Table:
    paths = LakePaths(settings.lake)
    return read_landed(paths, ingest_date, partition_files(paths, ingest_date))


def names(settings: Settings, ingest_date: date) -> list[str]:
    return [uri.rsplit("/", 1)[-1] for uri in landed(settings, ingest_date)["source_uri"].to_pylist()]


def reasons(settings: Settings, ingest_date: date) -> dict[str, str | None]:
    table = landed(settings, ingest_date)
    return {
        uri.rsplit("/", 1)[-1]: reason
        for uri, reason in zip(table["source_uri"].to_pylist(), table["reject_reason"].to_pylist(), strict=True)
    }


def test_the_first_claim_wins(settings: Settings) -> None:
    land(settings, "a/one.txt")
    assert claim(settings, DAY, "r1") == Claim(1, 0)
    land(settings, "a/two.txt")
    assert claim(settings, NEXT_DAY, "r2") == Claim(1, 0)
    assert claim(settings, NEXT_DAY, "r3") == Claim(0, 0)
    assert (names(settings, DAY), names(settings, NEXT_DAY)) == (["one.txt"], ["two.txt"])


def test_a_later_run_of_the_date_adds_to_it(settings: Settings) -> None:
    land(settings, "b.txt")
    claim(settings, DAY, "r1")
    land(settings, "a.txt")
    claim(settings, DAY, "r2")
    table = landed(settings, DAY)
    assert names(settings, DAY) == ["a.txt", "b.txt"]
    assert table["run"].to_pylist() == ["r2", "r1"]


def test_a_claim_that_is_lost_costs_no_other(settings: Settings) -> None:
    """Its number is not the next one's: that may be another's."""
    for name in ("one", "two", "three"):
        land(settings, f"a/{name}.txt")
        claim(settings, DAY, name)
    folder = LakePaths(settings.lake).claims(DAY)
    (folder / "claim-00002.parquet").unlink()
    land(settings, "a/four.txt")
    assert claim(settings, DAY, "four") == Claim(2, 0), "and the files of the one that is lost"
    assert names(settings, DAY) == ["four.txt", "one.txt", "three.txt", "two.txt"]


def test_bytes_outlive_the_landed_file(settings: Settings) -> None:
    path = land(settings, "a.txt", "خبر")
    claim(settings, DAY, "r1")
    path.unlink()
    assert claim(settings, DAY, "r2") == Claim(0, 0)
    assert landed(settings, DAY)["content"].to_pylist() == ["خبر".encode()]


def test_a_renamed_or_resent_file_is_not_claimed_again(settings: Settings) -> None:
    land(settings, "a.txt", "same")
    claim(settings, DAY, "r1")
    land(settings, "renamed.txt", "same")
    assert claim(settings, NEXT_DAY, "r2") == Claim(0, 1)
    assert claim(settings, NEXT_DAY, "r3") == Claim(0, 0), "a re-sent file is remembered and not read again"
    assert names(settings, NEXT_DAY) == []


def test_equal_files_claimed_together_all_count(settings: Settings) -> None:
    land(settings, "a.txt", "same")
    land(settings, "b.txt", "same")
    assert claim(settings, DAY, "r1") == Claim(2, 0)


def test_a_changed_file_supersedes_its_version_of_the_date_and_joins_a_later_date(settings: Settings) -> None:
    land(settings, "a.txt", "first")
    claim(settings, DAY, "r1")
    land(settings, "a.txt", "second!")
    claim(settings, DAY, "r2")
    assert landed(settings, DAY)["content"].to_pylist() == [b"second!"]
    land(settings, "a.txt", "third version")
    claim(settings, NEXT_DAY, "r3")
    assert landed(settings, DAY)["content"].to_pylist() == [b"second!"]
    assert landed(settings, NEXT_DAY)["content"].to_pylist() == [b"third version"]


def test_a_file_that_is_changed_back_is_its_old_version_again(settings: Settings) -> None:
    land(settings, "other.txt", "other")
    for version in ("first", "second!", "first", "third version", "first"):
        land(settings, "a.txt", version)
        claim(settings, DAY, "r")
        assert landed(settings, DAY)["content"].to_pylist() == [version.encode(), b"other"]
    land(settings, "a.txt", "fourth")
    claim(settings, NEXT_DAY, "r")
    land(settings, "a.txt", "first")
    assert claim(settings, NEXT_DAY, "r") == Claim(0, 1)
    assert names(settings, NEXT_DAY) == [], "these bytes are the earlier date's"
    assert landed(settings, DAY)["content"].to_pylist() == [b"first", b"other"]


def test_a_file_that_becomes_a_copy_of_another_leaves_the_date(settings: Settings) -> None:
    land(settings, "a.txt", "first")
    land(settings, "other.txt", "other")
    claim(settings, DAY, "r1")
    land(settings, "a.txt", "other")
    assert claim(settings, DAY, "r2") == Claim(0, 1)
    assert names(settings, DAY) == ["other.txt"]


def test_a_file_that_was_touched_and_could_not_be_read_for_a_while_is_not_lost(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    path = land(settings, "a.txt", "article")
    claim(settings, DAY, "r1")
    os.utime(path, (1, 1))
    with monkeypatch.context() as patch:
        patch.setattr(LandingArea, "read", lambda *_: (_ for _ in ()).throw(OSError("disk on fire")))
        claim(settings, DAY, "r2")
    assert reasons(settings, DAY) == {"a.txt": "read_failed"}
    claim(settings, DAY, "r3")
    assert landed(settings, DAY)["content"].to_pylist() == [b"article"]
    assert reasons(settings, DAY) == {"a.txt": None}


def test_a_change_that_keeps_size_and_time_is_not_seen(settings: Settings) -> None:
    """The documented limit: reading every file of the landing area every night would be the price of seeing it."""
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    land(settings, "a.txt", "first", arrived=at)
    claim(settings, DAY, "r1")
    land(settings, "a.txt", "other", arrived=at)
    assert claim(settings, DAY, "r2") == Claim(0, 0)
    land(settings, "a.txt", "third", arrived=datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC))
    assert claim(settings, DAY, "r3") == Claim(1, 0)


def test_what_cant_be_read_is_claimed_with_its_reason(settings: Settings, tmp_path: Path) -> None:
    root = Path(settings.landing)
    land(settings, "good.txt")
    land(settings, "large.txt", "x" * 1001)
    (root / "dangling.txt").symlink_to(root / "nowhere")
    (tmp_path / "outside.txt").write_text("secret")
    (root / "link_out.txt").symlink_to(tmp_path / "outside.txt")
    (root / "link_in.txt").symlink_to(root / "good.txt")
    (root / "folder.txt").mkdir()
    os.mkfifo(root / "pipe.txt")
    with open(os.path.join(os.fsencode(root), b"latin-\xe9.txt"), "wb") as file:  # noqa: PTH118, PTH123  a name no str path can spell
        file.write(b"x")
    land(settings, "with_sidecar.txt")
    land(settings, "with_sidecar.json", "[1, 2]")
    assert claim(settings, DAY, "r1") == Claim(9, 0)
    assert reasons(settings, DAY) == {
        "good.txt": None,
        "link_in.txt": None,
        "large.txt": "file_too_large",
        "dangling.txt": "broken_link",
        "link_out.txt": "link_outside_landing",
        "folder.txt": "not_a_regular_file",
        "pipe.txt": "not_a_regular_file",
        "latin-\\udce9.txt": "name_not_utf8",
        "with_sidecar.txt": "sidecar_invalid",
    }
    assert claim(settings, NEXT_DAY, "r2") == Claim(0, 0), "an unreadable file is refused once"
    (root / "dangling.txt").unlink()
    land(settings, "dangling.txt")
    land(settings, "with_sidecar.json", '{"source": "محطة"}')
    assert claim(settings, NEXT_DAY, "r3") == Claim(2, 0), "what was mended is claimed like any other file"
    assert landed(settings, NEXT_DAY)["source_id"].to_pylist() == ["landing", "محطة"]


def test_a_failed_read_is_refused_once_and_claimed_when_it_succeeds(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    land(settings, "a.txt")
    with monkeypatch.context() as patch:
        patch.setattr(LandingArea, "read", lambda *_: (_ for _ in ()).throw(OSError("disk on fire")))
        assert claim(settings, DAY, "r1") == Claim(1, 0)
        assert claim(settings, NEXT_DAY, "r2") == Claim(0, 0)
    assert reasons(settings, DAY) == {"a.txt": "read_failed"}
    assert claim(settings, NEXT_DAY, "r3") == Claim(1, 0)


def test_a_refused_file_that_proves_to_be_a_copy_leaves_the_partition(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    land(settings, "a.txt", "same")
    claim(settings, DAY, "r1")
    land(settings, "copy.txt", "same")
    with monkeypatch.context() as patch:
        patch.setattr(LandingArea, "read", lambda *_: (_ for _ in ()).throw(OSError("disk on fire")))
        claim(settings, DAY, "r2")
    assert reasons(settings, DAY) == {"a.txt": None, "copy.txt": "read_failed"}
    assert claim(settings, DAY, "r3") == Claim(0, 1)
    assert reasons(settings, DAY) == {"a.txt": None}


@pytest.mark.parametrize("by", ["arrival", "dated_folder", "sidecar"])
def test_a_backfill_takes_the_files_of_its_date(settings: Settings, by: str) -> None:
    settings = settings.model_copy(update={"backfill_assignment": by})
    for day in (DAY, NEXT_DAY):
        land(settings, f"{day}/desk/{day}.txt", arrived=datetime(day.year, day.month, day.day, 13, tzinfo=UTC))
        land(settings, f"{day}/desk/{day}.json", f'{{"ingest_date": "{day}"}}')
    for day in (NEXT_DAY, DAY):
        claim(settings, day, "backfill", own_date_only=True)
    assert (names(settings, DAY), names(settings, NEXT_DAY)) == ([f"{DAY}.txt"], [f"{NEXT_DAY}.txt"])


def test_arrival_is_counted_in_the_configured_time_zone(settings: Settings) -> None:
    settings = settings.model_copy(update={"timezone": "Asia/Riyadh"})
    land(settings, "late.txt", arrived=datetime(2026, 3, 1, 22, 30, tzinfo=UTC))
    assert claim(settings, DAY, "r1", own_date_only=True) == Claim(0, 0)
    assert claim(settings, NEXT_DAY, "r2", own_date_only=True) == Claim(1, 0)


def test_the_source_is_the_first_folder_that_is_no_date(settings: Settings) -> None:
    for name in ("desk/sub/a.txt", "2026-03-01/agency/b.txt", "c.txt"):
        land(settings, name)
    claim(settings, DAY, "r1")
    table = landed(settings, DAY)
    sources = dict(zip((u.rsplit("/", 1)[-1] for u in table["source_uri"].to_pylist()), table["source_id"].to_pylist(), strict=True))
    assert sources == {"a.txt": "desk", "b.txt": "agency", "c.txt": "landing"}


def test_a_bucket_works_like_a_folder(tmp_path: Path) -> None:
    import fsspec

    bucket = fsspec.filesystem("memory")
    bucket.pipe(
        {
            "/claims-bucket/desk/a.txt": "خبر".encode(),
            "/claims-bucket/desk/.hidden.txt": b"x",
            "/claims-bucket/desk/a.json": b'{"url": "x"}',
        }
    )
    settings = Settings(landing="memory://claims-bucket", lake=tmp_path / "lake")
    assert claim(settings, DAY, "r1") == Claim(1, 0)
    row = landed(settings, DAY).to_pylist()[0]
    assert (row["source_uri"], row["source_id"], row["sidecar"]) == ("memory:///claims-bucket/desk/a.txt", "desk", '{"url": "x"}')
    assert claim(settings, DAY, "r2") == Claim(0, 0)


def test_a_missing_landing_area_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="RASD_LANDING"):
        claim(Settings(landing=str(tmp_path / "nowhere"), lake=tmp_path / "lake"), DAY, "r1")


def test_links_are_followed_inside_the_landing_area_only(settings: Settings, tmp_path: Path) -> None:
    root = Path(settings.landing)
    land(settings, "desk/a.txt")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.txt").write_text("b")
    (root / "folder_in").symlink_to(root / "desk")
    (root / "folder_out").symlink_to(tmp_path / "elsewhere")
    (root / "loop").symlink_to(root)
    (root / "self.txt").symlink_to(root / "self.txt")
    (root / "hard_in.txt").hardlink_to(root / "desk" / "a.txt")
    (root / "hard_out.txt").hardlink_to(tmp_path / "elsewhere" / "b.txt")
    assert claim(settings, DAY, "r1").new_files == 5
    assert reasons(settings, DAY) == {
        "a.txt": None,
        "hard_in.txt": None,
        "hard_out.txt": "link_outside_landing",
        "folder_out": "link_outside_landing",
        "self.txt": "broken_link",
    }
    (tmp_path / "elsewhere" / "b.txt").unlink()
    assert claim(settings, NEXT_DAY, "r2").new_files == 1, "the only name that is left is inside"
    (tmp_path / "elsewhere" / "c.txt").write_text("c")
    (root / "c.txt").hardlink_to(tmp_path / "elsewhere" / "c.txt")
    claim(settings.model_copy(update={"hard_links": "any"}), NEXT_DAY, "r3")
    assert reasons(settings, NEXT_DAY) == {"hard_out.txt": None, "c.txt": None}


@pytest.mark.parametrize("put", ["link", "pipe", "folder"])
def test_a_name_that_changes_hands_between_listing_and_reading_gives_nothing_away(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, put: str
) -> None:
    path = land(settings, "a.txt")
    (tmp_path / "secret.txt").write_text("secret")
    whole = LandingArea.files

    def listed_then_swapped(area: LandingArea) -> list:
        files = whole(area)
        path.unlink()
        match put:
            case "link":
                path.symlink_to(tmp_path / "secret.txt")
            case "pipe":
                os.mkfifo(path)
            case "folder":
                path.mkdir()
        return files

    monkeypatch.setattr(LandingArea, "files", listed_then_swapped)
    claim(settings, DAY, "r1")
    assert reasons(settings, DAY) == {"a.txt": "read_failed"}


def test_archives_are_named_and_not_opened(settings: Settings) -> None:
    for name in ("news.zip", "a.txt.gz", "b.tar", "C.7Z"):
        land(settings, name)
    land(settings, "readme.md")
    claim(settings, DAY, "r1")
    assert reasons(settings, DAY) == dict.fromkeys(("news.zip", "a.txt.gz", "b.tar", "C.7Z"), "archive")
    assert claim(settings, NEXT_DAY, "r2").new_files == 0


@pytest.mark.parametrize(
    "sidecar",
    [b"", b"[" * 100_000, b'{"source": "\\ud800"}', b'{"n": ' + b"9" * 5000 + b"}", b"\xff\xfe", b"null", b" " * 1001, b"{'a': 1}"],
)
def test_a_bad_sidecar_costs_its_article_alone(settings: Settings, sidecar: bytes) -> None:
    land(settings, "a.txt")
    land(settings, "b.txt")
    (Path(settings.landing) / "a.json").write_bytes(sidecar)
    claim(settings.model_copy(update={"max_file_bytes": 200_000 if len(sidecar) > 2000 else 1000}), DAY, "r1")
    assert reasons(settings, DAY) == {"a.txt": "sidecar_invalid", "b.txt": None}


def test_a_sidecar_that_is_a_pipe_does_not_hang_the_run(settings: Settings) -> None:
    land(settings, "a.txt")
    os.mkfifo(Path(settings.landing) / "a.json")
    claim(settings, DAY, "r1")
    assert reasons(settings, DAY) == {"a.txt": "sidecar_invalid"}


def test_names_that_are_written_alike_stay_apart(settings: Settings) -> None:
    root = os.fsencode(settings.landing)
    for name in (b"x-\xff.txt", rb"x-\udcff.txt"):
        with open(os.path.join(root, name), "wb") as file:  # noqa: PTH118, PTH123  a name no str path can spell
            file.write(name)
    land(settings, "y\nz.txt")
    assert claim(settings, DAY, "r1").new_files == 3
    assert landed(settings, DAY).num_rows == 3


def test_a_folder_that_cant_be_listed_is_refused_and_the_rest_goes_on(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    land(settings, "a.txt")
    land(settings, "closed/b.txt")
    whole = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return whole(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", scandir)
        claim(settings, DAY, "r1")
    assert reasons(settings, DAY) == {"a.txt": None, "closed": "read_failed"}
    claim(settings, NEXT_DAY, "r2")
    assert reasons(settings, NEXT_DAY) == {"b.txt": None}


def test_folders_may_be_deep(settings: Settings) -> None:
    folder = settings.landing
    for _ in range(1200):
        folder += "/d"
        os.mkdir(folder)  # noqa: PTH102  Path.mkdir(parents=True) recurses too deep
    (Path(folder) / "a.txt").write_text("a")
    try:
        assert claim(settings, DAY, "r1").new_files == 1
    finally:  # pytest's own cleaning up would recurse too deep
        subprocess.run(["rm", "-r", f"{settings.landing}/d"], check=True)
