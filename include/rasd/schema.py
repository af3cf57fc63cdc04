"""The data contract, once: every dataset of the lake, its columns and what must hold for them.

Arrow schemas (`Dataset.arrow`), quality suites (`rasd.quality.suites`), the data dictionary (`rasd schema`) and the column docs in
the Parquet metadata are all derived from the objects here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa

SCHEMA_VERSION = 2
"""Raised when a column is added, or means something else."""

SEPARATOR = " | "
"""Joins the values of a column that holds several (captions are joined by line breaks instead)."""

STRING, INT, FLOAT, BOOL, DATE = pa.string(), pa.int32(), pa.float64(), pa.bool_(), pa.date32()
LONG, TIMESTAMP = pa.int64(), pa.timestamp("us", tz="UTC")

ENTITY_TYPES = ("PERSON", "LOCATION", "ORGANIZATION", "MISC")
SECTIONS = ("title", "subtitle", "captions", "text")
"""Columns of `articles` that `start` and `end` of mentions and quotes count code points in."""

REJECT_REASONS = {
    "empty_file": "The file has no bytes, or nothing but white space.",
    "not_text": "The bytes are no text in any encoding that Rasd reads (an image, an archive, a program ...).",
    "undecodable": "The bytes look like text, but no supported encoding reads them without errors.",
    "file_too_large": "The file is larger than RASD_MAX_FILE_BYTES.",
    "read_failed": "Reading the file failed (permissions, a broken disk, a lost connection).",
    "broken_link": "The file is a symbolic link that leads nowhere.",
    "link_outside_landing": "A link leads out of the landing area, or the file has another name outside of it. Land a copy instead.",
    "archive": "The file is an archive or compressed, and Rasd opens none. Unpack it and land the text files.",
    "not_a_regular_file": "The name belongs to a pipe, a socket, a device or a folder, not to a file.",
    "name_not_utf8": "The file's name is not valid UTF-8, so no lake column can hold it. Rename the file.",
    "sidecar_invalid": "The JSON file beside the article can't be read, so the article's own metadata would be lost.",
    "not_arabic": "The text is in another language, or holds too few Arabic letters.",
    "too_short": "Fewer words of article text than RASD_MIN_ARTICLE_WORDS are left after cleaning.",
    "too_long": "More words of article text than RASD_MAX_ARTICLE_WORDS: an archive of articles in one file? Land one article a file.",
    "processing_failed": "An error in Rasd itself while it worked on this file. The other files are not affected. Please report it.",
    "row_rule": "A row that breaks a rule of the data contract was taken out; `details` names the rule and holds the row.",
}
"""Reason codes of `rejects` with what they mean to a person."""


@dataclass(frozen=True)
class Column:
    """One column: its type, its meaning and the rules that the quality suites check.

    `values` lists all values allowed; `references` is "dataset.column"; `minimum` and `maximum` are inclusive.
    """

    name: str
    type: pa.DataType
    doc: str
    required: bool = False
    unique: bool = False
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    references: str | None = None

    @property
    def arrow(self) -> pa.Field:
        return pa.field(self.name, self.type, nullable=not self.required, metadata={"doc": self.doc})


@dataclass(frozen=True)
class Dataset:
    """One dataset of the lake. `grain` says what one row is."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    partitioned: bool = True
    sort_by: tuple[str, ...] = field(default=())

    @cached_property
    def arrow(self) -> pa.Schema:
        metadata = {"dataset": self.name, "grain": self.grain, "schema_version": str(SCHEMA_VERSION)}
        return pa.schema([column.arrow for column in self.columns], metadata=metadata)

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def table(self, columns: dict[str, Any]) -> pa.Table:
        """An Arrow table of this dataset from a dict of equally long columns; a column that is not given is null.

        Raises:
            KeyError: for a column that the dataset does not have.
        """
        unknown = columns.keys() - set(self.arrow.names)
        if unknown:
            raise KeyError(f"{self.name} has no column {', '.join(sorted(unknown))}")
        length = len(next(iter(columns.values()))) if columns else 0
        arrays = []
        for column in self.columns:
            values = columns.get(column.name)
            if values is None:
                arrays.append(pa.nulls(length, column.type))
            elif isinstance(values, (pa.Array, pa.ChunkedArray)):
                arrays.append(values.cast(column.type))
            else:
                arrays.append(pa.array(values, column.type))
        return pa.Table.from_arrays(arrays, schema=self.arrow)


INGESTED_ON = Column(
    "ingested_on",
    DATE,
    "The partition's date again as a real date column, for tools that take the folder name `ingest_date=…` for text.",
    required=True,
)

ARTICLES = Dataset(
    "articles",
    "one row per distinct article of the partition",
    (
        Column("article_id", STRING, "Stable id, made from the article's normalised content.", required=True, unique=True),
        INGESTED_ON,
        Column(
            "source_id",
            STRING,
            "Where the article came from: the first folder under the landing area, the sidecar, or a setting.",
            required=True,
        ),
        Column("source_uri", STRING, "The first file that carried the article.", required=True),
        Column("source_sha256", STRING, "SHA-256 of that file's bytes, in hexadecimal.", required=True),
        Column("source_encoding", STRING, "Encoding that the file was read in.", required=True),
        Column("copies", INT, "How many files of the partition carried this article.", required=True, minimum=1),
        Column("title", STRING, "Headline."),
        Column("subtitle", STRING, "Standfirst or kicker, where it stands apart from the body."),
        Column("byline", STRING, "Names of the authors, without «كتب:» and the like."),
        Column("dateline", STRING, "Places, agencies and date of the line that opens the report, as written."),
        Column("captions", STRING, "Photo captions, one a line."),
        Column("source_credit", STRING, "Agencies and outlets that the article credits, separated by « | »."),
        Column("section_name", STRING, "The newspaper's section, where the file names it."),
        Column("published_date", DATE, "Publication date, only where the text, the file name or the sidecar states it."),
        Column("published_at", TIMESTAMP, "Publication time in UTC, only where a time of day is stated."),
        Column("published_precision", STRING, "How exact the stated date is.", values=("day", "minute", "second")),
        Column("published_source", STRING, "What stated the date.", values=("dateline", "text", "file_name", "sidecar")),
        Column("article_date", DATE, "published_date, else the ingest date: the date that charts use.", required=True),
        Column("language", STRING, "ISO 639-1 code of the article's language.", required=True),
        Column("text", STRING, "The article as a reader should see it: clean paragraphs, one a line.", required=True),
        Column("text_normalized", STRING, "The same text for search: letter variants, diacritics and digits folded.", required=True),
        Column("paragraph_count", INT, "Paragraphs in `text`.", required=True, minimum=1),
        Column("sentence_count", INT, "Sentences in `text`.", required=True, minimum=1),
        Column("word_count", INT, "Words in `text`.", required=True, minimum=1),
        Column("character_count", INT, "Unicode code points in `text`.", required=True, minimum=1),
        Column("arabic_ratio", FLOAT, "Share of the letters in `text` that are Arabic.", required=True, minimum=0, maximum=1),
        Column("entity_count", INT, "Rows of `entities` with this article_id.", required=True, minimum=0),
        Column("quote_count", INT, "Rows of `quotes` with this article_id.", required=True, minimum=0),
        Column(
            "near_duplicate_cluster",
            STRING,
            "The same value on articles of the partition that tell the same text with small changes; null for none.",
        ),
        Column("removed_text", STRING, "Lines that cleaning took out, each as «role⇥line», so that the cleaning can be audited."),
        Column(
            "quality_flags", STRING, "What is odd about the article (mojibake_mended, truncated, repeated_lines …), separated by « | »."
        ),
        Column("extractor_version", STRING, "Version of the code and models that made the row.", required=True),
    ),
)

ENTITIES = Dataset(
    "entities",
    "one row per mention of an entity",
    (
        Column("mention_id", STRING, "Stable id of the mention.", required=True, unique=True),
        INGESTED_ON,
        Column("article_id", STRING, "Article that holds the mention.", required=True, references="articles.article_id"),
        Column(
            "entity_id",
            STRING,
            "The same person, place or organisation has the same id across articles and days.",
            required=True,
            references="dim_entities.entity_id",
        ),
        Column("entity_type", STRING, "What kind of thing is named.", required=True, values=ENTITY_TYPES),
        Column("surface", STRING, "The name as written, without proclitics.", required=True),
        Column("proclitic", STRING, "Proclitics written together with the name («و», «ب», «لل» …)."),
        Column("canonical_name", STRING, "The fullest form that the article uses for the same thing.", required=True),
        Column("section", STRING, "Column of `articles` that holds the mention.", required=True, values=SECTIONS),
        Column("start", INT, "First code point of the surface in its section.", required=True, minimum=0),
        Column("end", INT, "Code point after the last one of the surface.", required=True, minimum=1),
        Column("sentence_index", INT, "Sentence of the section that holds the mention, from 0.", required=True, minimum=0),
        Column("role_text", STRING, "Title or office beside the name («وزير الخارجية الروسي»)."),
        Column("role_resolved", STRING, "The office with relative words resolved («نظيره الأمريكي» → وزير الخارجية الأمريكي)."),
        Column("country_code", STRING, "ISO 3166-1 alpha-2 code of a country, or of the country that a place lies in."),
        Column("geonames_id", LONG, "GeoNames id of a place, where it is certain."),
        Column("latitude", FLOAT, "Degrees north (WGS 84).", minimum=-90, maximum=90),
        Column("longitude", FLOAT, "Degrees east (WGS 84).", minimum=-180, maximum=180),
        Column("extractor", STRING, "Which part of Rasd found the mention.", required=True),
        Column("confidence", FLOAT, "How sure the extractor is, 0 to 1.", required=True, minimum=0, maximum=1),
    ),
)

QUOTE_TYPES = ("direct", "indirect", "mixed")
CUE_CLASSES = (
    "say", "add", "confirm", "deny", "accuse", "warn", "announce", "ask", "deem", "reveal", "call_for", "promise", "praise", "criticise",
    "expect", "explain", "attribute", "write",
)  # fmt: skip

MODALITIES = ("said", "future", "conditional")

QUOTES = Dataset(
    "quotes",
    "one row per quote or reported clause",
    (
        Column("quote_id", STRING, "Stable id of the quote.", required=True, unique=True),
        INGESTED_ON,
        Column("article_id", STRING, "Article that holds the quote.", required=True, references="articles.article_id"),
        Column("parent_quote_id", STRING, "The quote that this one stands inside of.", references="quotes.quote_id"),
        Column("ordinal", INT, "Position among the article's quotes, from 0.", required=True, minimum=0),
        Column("quote_text", STRING, "What was said, without its outer marks.", required=True),
        Column("quote_type", STRING, "Verbatim, reported, or reported with verbatim words.", required=True, values=QUOTE_TYPES),
        Column("is_headline", BOOL, "The quote stands in the title or subtitle.", required=True),
        Column("is_citation", BOOL, "Scripture, poetry or a document rather than speech.", required=True),
        Column("section", STRING, "Column of `articles` that holds the quote.", required=True, values=SECTIONS),
        Column("start", INT, "First code point of the quote in its section.", required=True, minimum=0),
        Column("end", INT, "Code point after the last one of the quote.", required=True, minimum=1),
        Column("mark_style", STRING, 'Opening and closing mark as written («“”», «""» …); null for none.'),
        Column("is_repaired", BOOL, "A missing or reversed mark was mended to find the quote.", required=True),
        Column("cue_text", STRING, "The reporting expression as written, without a leading و or ف."),
        Column("cue_start", INT, "First code point of the cue in the section.", minimum=0),
        Column("cue_end", INT, "Code point after the last one of the cue.", minimum=1),
        Column("cue_lemma", STRING, "Dictionary form of the cue."),
        Column("cue_class", STRING, "What the speaker does by speaking.", values=CUE_CLASSES),
        Column(
            "polarity", STRING, "Whether the cue approves or disapproves of what it reports.", values=("positive", "neutral", "negative")
        ),
        Column("is_negated", BOOL, "A negation governs the cue («لم يؤكد أن»): reported as not said.", required=True),
        Column(
            "modality",
            STRING,
            "said; or not said yet («سيعلن أن», future) or perhaps never («قد يعلن أن», «إذا أعلن أن», conditional).",
            required=True,
            values=MODALITIES,
        ),
        Column("speaker_text", STRING, "Words that name the speaker beside the cue."),
        Column("speaker_start", INT, "First code point of those words in the section.", minimum=0),
        Column("speaker_end", INT, "Code point after the last one of those words.", minimum=1),
        Column("speaker_entity_id", STRING, "The speaker, where he is an entity.", references="dim_entities.entity_id"),
        Column("speaker_name", STRING, "The speaker's fullest name in the article, else the words that describe him."),
        Column(
            "speaker_type",
            STRING,
            "Entity type of the speaker, or SOURCE (unnamed) or GROUP (several).",
            values=(*ENTITY_TYPES, "SOURCE", "GROUP"),
        ),
        Column("speaker_role", STRING, "Title or office of the speaker."),
        Column("attribution", STRING, "How the clause names the speaker.", required=True, values=("explicit", "role", "pronoun", "none")),
        Column("resolution_rule", STRING, "The rule that decided on the speaker."),
        Column("addressee", STRING, "Whom the words were said to, as written."),
        Column("venue", STRING, "Where or through what they were said («في مؤتمر صحفي»), as written."),
        Column("said_date", DATE, "Day of the speech, where it is stated and can be resolved."),
        Column("reported_via", STRING, "Who passed the words on («حسبما نقلته وكالة …»), as written."),
        Column("sentence_index", INT, "Sentence of the section that the quote begins in, from 0.", required=True, minimum=0),
        Column("extractor", STRING, "Which part of Rasd found the quote.", required=True),
        Column("confidence", FLOAT, "How sure Rasd is of the speaker, 0 to 1, calibrated.", required=True, minimum=0, maximum=1),
    ),
)

DIM_ENTITIES = Dataset(
    "dim_entities",
    "one row per entity, over all partitions",
    (
        Column("entity_id", STRING, "Stable id; the key of `entities` and of `quotes.speaker_entity_id`.", required=True, unique=True),
        Column("entity_type", STRING, "What kind of thing it is.", required=True, values=ENTITY_TYPES),
        Column("name_ar", STRING, "Preferred name in Arabic.", required=True),
        Column("name_en", STRING, "Name in English, where known."),
        Column("variants", STRING, "Other names seen, most frequent first, separated by « | »."),
        Column("country_code", STRING, "ISO 3166-1 alpha-2 code."),
        Column("geonames_id", LONG, "GeoNames id."),
        Column("latitude", FLOAT, "Degrees north (WGS 84).", minimum=-90, maximum=90),
        Column("longitude", FLOAT, "Degrees east (WGS 84).", minimum=-180, maximum=180),
        Column("first_seen", DATE, "First ingest date with a mention.", required=True),
        Column("last_seen", DATE, "Last ingest date with a mention.", required=True),
        Column("mention_count", LONG, "Mentions over all partitions.", required=True, minimum=1),
        Column("article_count", LONG, "Articles with a mention over all partitions.", required=True, minimum=1),
    ),
    partitioned=False,
)

REJECTS = Dataset(
    "rejects",
    "one row per file or row refused",
    (
        Column("reject_id", STRING, "Stable id.", required=True, unique=True),
        INGESTED_ON,
        Column("stage", STRING, "Where it was refused.", required=True, values=("landing", "cleaning", "extraction", "quality")),
        Column("reason", STRING, "Reason code.", required=True, values=tuple(REJECT_REASONS)),
        Column("message", STRING, "What it means and what to do, for a person.", required=True),
        Column("source_uri", STRING, "The file.", required=True),
        Column("source_sha256", STRING, "SHA-256 of its bytes, where they could be read."),
        Column("details", STRING, "What is known beyond the message, as JSON."),
    ),
)

INGESTIONS = Dataset(
    "ingestions",
    "one row per file and partition: the ledger, and the bridge between files and articles",
    (
        INGESTED_ON,
        Column("source_id", STRING, "Where the file came from.", required=True),
        Column("source_uri", STRING, "The file.", required=True, unique=True),
        Column("source_sha256", STRING, "SHA-256 of its bytes; null where they could not be read."),
        Column("bytes", LONG, "Size of the file; null where unknown.", minimum=0),
        Column("modified", TIMESTAMP, "When the file was last changed before it was claimed."),
        Column("status", STRING, "What became of it.", required=True, values=("article", "duplicate", "rejected")),
        Column("article_id", STRING, "The article that it carried (also for duplicates).", references="articles.article_id"),
        Column("run", STRING, "The run that claimed the file.", required=True),
    ),
)

VALIDATIONS = Dataset(
    "validations",
    "one row per expectation and run",
    (
        Column("run", STRING, "The run.", required=True),
        INGESTED_ON,
        Column("dataset", STRING, "Dataset that was judged.", required=True),
        Column("expectation", STRING, "What was expected.", required=True),
        Column("column", STRING, "Column that it is about; null for the dataset."),
        Column("severity", STRING, "critical stops publishing, warning does not.", required=True, values=("critical", "warning")),
        Column("success", BOOL, "Whether it held.", required=True),
        Column("observed", STRING, "What was seen, as JSON."),
        Column("parameters", STRING, "The expectation's parameters, as JSON."),
        Column("validated_at", TIMESTAMP, "When it was judged.", required=True),
    ),
)

DATASETS = {d.name: d for d in (ARTICLES, ENTITIES, QUOTES, DIM_ENTITIES, REJECTS, INGESTIONS, VALIDATIONS)}
ANALYST_DATASETS = (ARTICLES, ENTITIES, QUOTES)
"""Datasets that are announced as Airflow assets."""

STAGED_DATASETS = (ARTICLES, ENTITIES, QUOTES, REJECTS, INGESTIONS)
"""Datasets that a run stages and publishes as one partition."""

LANDED_FILES = pa.schema(
    [
        pa.field("source_id", STRING, nullable=False),
        pa.field("source_uri", STRING, nullable=False),
        pa.field("source_sha256", STRING),
        pa.field("bytes", LONG),
        pa.field("modified", TIMESTAMP),
        pa.field("run", STRING, nullable=False),
        pa.field("content", pa.large_binary()),
        pa.field("sidecar", STRING),
        pa.field("reject_reason", STRING),
        pa.field("reject_details", STRING),
    ]
)
"""What claiming keeps of a file: its bytes, or the reason why there are none. Not a dataset of the lake."""
