"""What lies in an allowed root, and what only looks so; addresses without their passwords."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasd.errors import PermanentError
from rasd.landing.discovery import open_landing
from rasd.landing.roots import PlaceNotAllowed, has_credentials, require_allowed, without_credentials
from rasd.settings import Settings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "landing" / "desk").mkdir(parents=True)
    (tmp_path / "landing-of-others").mkdir()
    (tmp_path / "landing" / "out").symlink_to(tmp_path / "landing-of-others")
    (tmp_path / "landing" / "in").symlink_to(tmp_path / "landing" / "desk")
    (tmp_path / "alias").symlink_to(tmp_path / "landing")
    return tmp_path / "landing"


@pytest.mark.parametrize(
    "place",
    [
        "{root}",
        "{root}/",
        "{root}/desk",
        "file://{root}/desk",
        "local://{root}",
        "{root}/desk/../desk",
        "{root}/in",
        "{root}/../alias/desk",
    ],
)
def test_what_lies_in_the_root_is_allowed(root: Path, place: str) -> None:
    require_allowed(place.format(root=root), [str(root)])
    require_allowed(place.format(root=root), ["s3://news", f"file://{root}"])


@pytest.mark.parametrize(
    "place",
    [
        "/",
        "{root}/..",
        "{root}/../landing-of-others",
        "{root}-of-others",
        "{root}/out",
        "file://{root}/desk/../../landing-of-others",
        "/proc/self/cwd",
        "~",
        "s3://news{root}",
        "memory://{root}",
        "simplecache::file://{root}",
        "zip://*.txt::{root}/desk/a.zip",
        "{root}\0",
        "nosuch://{root}",
    ],
)
def test_what_leads_out_of_the_root_is_refused(root: Path, place: str) -> None:
    with pytest.raises(PlaceNotAllowed):
        require_allowed(place.format(root=root), [str(root)])


@pytest.mark.parametrize("place", ["s3://news/landing", "s3://news/landing/desk/", "s3a://news/landing"])
def test_prefixes_of_a_bucket_are_folders(place: str) -> None:
    require_allowed(place, ["s3://news/landing"])


@pytest.mark.parametrize(
    "place", ["s3://news", "s3://news/landing2", "s3://other/landing", "s3://news/landing/../private", "/news/landing", "gs://news/landing"]
)
def test_other_keys_of_a_bucket_are_refused(place: str) -> None:
    with pytest.raises(PlaceNotAllowed, match=r"RASD_LANDING_ROOTS|no address"):
        require_allowed(place, ["s3://news/landing"])


def test_another_host_or_account_is_another_place() -> None:
    root = "ftp://desk@archive.example/landing"
    require_allowed("ftp://desk@archive.example/landing/today", [root])
    for place in ("ftp://desk@evil.example/landing", "ftp://archive.example/landing", "ftp://desk@archive.example:2121/landing"):
        with pytest.raises(PlaceNotAllowed):
            require_allowed(place, [root])


def test_the_roots_of_the_settings_hold_for_every_way_in(root: Path) -> None:
    open_landing(Settings(landing=str(root), lake=root.parent / "lake"))
    allowed = Settings(landing=str(root / "desk"), landing_roots=f" {root}, s3://news ", lake=root.parent / "lake")
    assert allowed.landing_roots == (str(root), "s3://news")
    open_landing(allowed)
    with pytest.raises(PlaceNotAllowed, match="lies outside of the allowed places") as refused:
        open_landing(allowed.model_copy(update={"landing": str(root.parent)}))
    assert isinstance(refused.value, PermanentError), "trying again can't help"


def test_passwords_and_signatures_are_taken_out() -> None:
    shown = without_credentials("listing ftp://desk:pa55@host/x failed; https://h/a?X-Amz-Signature=abc&sig=d%2F&page=2 too")
    assert shown == "listing ftp://***@host/x failed; https://h/a?X-Amz-Signature=***&sig=***&page=2 too"
    assert has_credentials("sftp://desk:pa55@host/landing")
    for plain in ("s3://news/landing", "/landing/a@b.txt", "file:///landing/a@b.txt", "https://h/list?page=2"):
        assert not has_credentials(plain)
