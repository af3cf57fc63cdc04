"""The command line: `rasd run`, `report`, `files`, `show`, `reprocess`, `verify`, `repair`, `sweep`, `views`, `schema`.

`rasd COMMAND --help` says more.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rasd import __version__
from rasd.errors import LockLost, PermanentError
from rasd.lake.reading import LakeError
from rasd.landing.discovery import LandingError
from rasd.schema import DATASETS
from rasd.settings import Settings

LAKE_HELP = "folder of the lake, or s3://bucket/prefix (default: RASD_LAKE or lake)"
USAGE_ERROR = 2
FAILURE = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 when it did its work, 1 when it could not, 2 for bad arguments (after one line on standard error).
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("rasd").setLevel(logging.INFO if options.verbose else logging.WARNING)
    try:
        return int(options.command(options))
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(map(str, first["loc"]))
        return _fail(f"{name}: {first['msg']}" if name else str(first["msg"]), USAGE_ERROR)
    except (LakeError, ValueError) as error:
        return _fail(str(error), USAGE_ERROR)
    except (LandingError, LockLost, PermanentError) as error:
        return _fail(str(error), FAILURE)
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _fail(message: str, code: int) -> int:
    print(f"rasd: {message}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rasd", description="Arabic news in, analysis-ready Parquet out.")
    parser.add_argument("--version", action="version", version=f"rasd {__version__}")
    parser.add_argument("-v", "--verbose", action="store_true", help="say what each stage does")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run a partition without Airflow", description=_run.__doc__)
    run.add_argument("--landing", help="landing area: a folder or an fsspec URL (default: RASD_LANDING or seeds)")
    run.add_argument("--lake", help=LAKE_HELP)
    run.add_argument("--ingest-date", metavar="YYYY-MM-DD", help="the partition (default: yesterday)")
    run.add_argument("--replay", action="store_true", help="claim nothing new; make the partition again from the files it has claimed")
    run.add_argument("--shard-articles", type=int, metavar="N", help="most files in a shard")
    run.add_argument("--backend", help="what recognises entities")
    run.add_argument("--on-quality-failure", choices=("stop", "warn"), help="whether a critical quality failure stops publishing")
    run.add_argument("--workers", type=_positive, default=os.cpu_count() or 1, metavar="N", help="processes (default: one a core)")
    run.set_defaults(command=_run)

    report = commands.add_parser("report", help="say what a partition holds", description=_report.__doc__)
    report.add_argument("--lake", help=LAKE_HELP)
    report.add_argument("--ingest-date", type=_date, metavar="YYYY-MM-DD", help="the partition (default: the newest)")
    report.set_defaults(command=_report)

    files = commands.add_parser("files", help="list the files of a dataset", description=_files.__doc__)
    files.add_argument("dataset", choices=tuple(DATASETS))
    files.add_argument("--lake", help=LAKE_HELP)
    files.add_argument("--ingest-date", type=_date, metavar="YYYY-MM-DD", help="one partition (default: all)")
    files.set_defaults(command=_files)

    show = commands.add_parser("show", help="print an article with its entities and quotes marked", description=_show.__doc__)
    show.add_argument("article", help="an article_id, the beginning of one, or the end of a source_uri")
    show.add_argument("--lake", help=LAKE_HELP)
    show.add_argument("--colour", choices=("auto", "always", "never"), default="auto", help="ANSI colours (default: on a terminal)")
    show.set_defaults(command=_show)

    reprocess = commands.add_parser("reprocess", help="extract anew from published articles", description=_reprocess.__doc__)
    reprocess.add_argument("dates", nargs="+", type=_date, metavar="YYYY-MM-DD", help="partitions")
    reprocess.add_argument("--lake", help=LAKE_HELP)
    reprocess.add_argument("--backend", help="what recognises entities")
    reprocess.set_defaults(command=_reprocess)

    for name, command, purpose in (
        ("verify", _verify, "check the lake against its manifests"),
        ("repair", _repair, "mend what verify finds"),
        ("sweep", _sweep, "remove what dead runs left"),
    ):
        parsed = commands.add_parser(name, help=purpose, description=command.__doc__)
        parsed.add_argument("--lake", help=LAKE_HELP)
        parsed.set_defaults(command=command)

    views = commands.add_parser("views", help="write a DuckDB file of documented views over the lake", description=_views.__doc__)
    views.add_argument("file", nargs="?", type=Path, metavar="FILE.duckdb", help="where to write it; left out: print what the views mean")
    views.add_argument("--lake", help="folder of the lake (default: RASD_LAKE or lake)")
    views.set_defaults(command=_views)

    conll = commands.add_parser("tag-conll", help="tag the names in given tokens", description=_tag_conll.__doc__)
    conll.add_argument("file", type=Path, help="one token a line (first column), an empty line between sentences")
    conll.set_defaults(command=_tag_conll)

    schema = commands.add_parser("schema", help="print the data dictionary", description=_schema.__doc__)
    schema.add_argument("dataset", nargs="?", help="one dataset only")
    schema.set_defaults(command=_schema)
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date as YYYY-MM-DD") from None


def _settings(options: argparse.Namespace, **more: Any) -> dict[str, Any]:
    """The settings that the arguments name, checked."""
    given = {"lake": options.lake, **more}
    named = {name: value for name, value in given.items() if value is not None}
    Settings(**named)
    return named


def _run(options: argparse.Namespace) -> int:
    """Ingest what is new in the landing area into one partition of the lake, and say what came out."""
    from rasd.pipeline import PartitionRun, run_partition, settle_ingest_date
    from rasd.pipeline.reporting import describe_partition, headline

    settings = _settings(
        options,
        landing=options.landing,
        shard_articles=options.shard_articles,
        extraction_backend=options.backend,
        on_quality_failure=options.on_quality_failure,
    )
    ingest_date, why = settle_ingest_date(None, options.ingest_date, datetime.now(UTC), Settings(**settings))
    logging.getLogger(__name__).info(why)
    run = PartitionRun(_run_id(), ingest_date, settings)
    result = run_partition(run, replay=options.replay, workers=options.workers, progress=_progress_bar)
    print(headline(result))
    if result["outcome"] == "published":
        print("\n" + describe_partition(run.paths.root, ingest_date))
    return 0


def _progress_bar(shards: Iterable[Any], total: int) -> Iterable[Any]:
    from tqdm import tqdm

    return tqdm(shards, total=total, unit="shard", desc="transform", disable=None)


def _report(options: argparse.Namespace) -> int:
    """Say what a published partition holds: counts, rejects with reasons, a few quotes, and a query to start from."""
    from rasd.lake.reading import published_dates
    from rasd.pipeline.reporting import describe_partition
    from rasd.storage.paths import LakePaths

    lake = Settings(**_settings(options)).lake
    dates = published_dates(LakePaths(lake))
    if not dates:
        raise LakeError(f"nothing is published in {lake} yet")
    wanted = options.ingest_date or dates[-1]
    if wanted not in dates:
        raise LakeError(f"{lake} has no partition {wanted}; it has {', '.join(map(str, dates[-10:]))}")
    print(describe_partition(lake, wanted))
    return 0


def _files(options: argparse.Namespace) -> int:
    """Print the Parquet files that a dataset consists of, one a line: what a tool has to read on an object store, instead of a pattern."""
    from rasd.lake.reading import dataset_files

    print(*dataset_files(Settings(**_settings(options)).lake, options.dataset, options.ingest_date), sep="\n")
    return 0


def _show(options: argparse.Namespace) -> int:
    """Print an article of the lake; entities are coloured by type, quotes stand between ⟦ and ⟧ with their speakers."""
    from rasd.lake.marking import find_article, marked_article

    lake = Settings(**_settings(options)).lake
    colour = options.colour == "always" or (options.colour == "auto" and sys.stdout.isatty())
    print(marked_article(lake, find_article(lake, options.article), colour=colour))
    return 0


def _reprocess(options: argparse.Namespace) -> int:
    """Extract entities and quotes anew from the articles of published partitions, without the landed files, and publish the result."""
    from rasd.pipeline import PartitionRun
    from rasd.pipeline.reporting import headline
    from rasd.pipeline.reprocessing import reprocess_partition

    settings = _settings(options, extraction_backend=options.backend)
    for ingest_date in options.dates:
        print(headline(reprocess_partition(PartitionRun(_run_id(), ingest_date, settings))))
    return 0


def _verify(options: argparse.Namespace) -> int:
    """Compare every published file with its partition's manifest. Exit code 1 when something is wrong."""
    from rasd.pipeline.maintenance import verify

    problems = verify(Settings(**_settings(options)).lake)
    print("\n".join(problems) or "sound")
    return FAILURE if problems else 0


def _repair(options: argparse.Namespace) -> int:
    """Finish publications that died half-way; make unsound partitions again from the files that they have claimed, or go back to the
    version before. Exit code 1 when something could not be mended."""
    from rasd.pipeline.maintenance import repair

    done, failed = repair(Settings(**_settings(options)), _run_id())
    print("\n".join(done) or "nothing to repair")
    return _fail("; ".join(failed), FAILURE) if failed else 0


def _sweep(options: argparse.Namespace) -> int:
    """Remove staging areas of dead runs, old reports and data docs (RASD_STAGING_DAYS, RASD_REPORT_DAYS)."""
    from rasd.pipeline.maintenance import sweep

    print(", ".join(f"{name}: {count}" for name, count in sweep(Settings(**_settings(options))).items()))
    return 0


def _run_id() -> str:
    return f"cli-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"


def _tag_conll(options: argparse.Namespace) -> int:
    """Tag given tokens as they are, and print «token<TAB>tag» with BIO tags in ANERcorp's names (PERS, LOC, ORG, MISC)."""
    from rasd.extraction.entities.conll import tag_file

    if not options.file.is_file():
        raise ValueError(f"there is no file {options.file}")
    tag_file(options.file, sys.stdout)
    return 0


def _views(options: argparse.Namespace) -> int:
    """Write a DuckDB file of views over the lake: who spoke how often, about whom, where. Without FILE, print what they mean."""
    from rasd.lake.views import views_page, write_views

    if options.file is None:
        print(views_page(), end="")
        return 0
    lake = Settings(**_settings(options)).lake
    print(f"{options.file}: {write_views(options.file, lake)} views over {lake}")
    return 0


def _schema(options: argparse.Namespace) -> int:
    """Print the data dictionary as Markdown; docs/data-dictionary.md is made by it."""
    from rasd.dictionary import data_dictionary

    print(data_dictionary(options.dataset), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
