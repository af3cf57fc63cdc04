"""The dimension of entities: a share for each partition, and their merger over all partitions."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from rasd import schema
from rasd.extraction.entities.linking import names_of_links

SHARE = pa.schema(
    [
        pa.field("entity_id", pa.string()),
        pa.field("entity_type", pa.string()),
        pa.field("name", pa.string()),
        pa.field("ingested_on", pa.date32()),
        pa.field("is_canonical", pa.bool_()),
        pa.field("mentions", pa.int64()),
        pa.field("articles", pa.int64()),
        pa.field("country_code", pa.string()),
        pa.field("geonames_id", pa.int64()),
        pa.field("latitude", pa.float64()),
        pa.field("longitude", pa.float64()),
    ]
)
"""A partition's share of the dimension: one row per entity, type and name (`mentions` by that name, as the fullest name of an article or as
a name written), and one row per entity with no name, type or mentions, which counts its `articles`."""

_SHARE = """
    SELECT entity_id, entity_type, name, ingested_on, is_canonical, count(*) AS mentions, 0 AS articles,
           max(country_code) AS country_code, max(geonames_id) AS geonames_id, max(latitude) AS latitude, max(longitude) AS longitude
    FROM (
        SELECT *, canonical_name AS name, true AS is_canonical FROM entities
        UNION ALL BY NAME
        SELECT *, regexp_replace(surface, '\\s+', ' ', 'g') AS name, false AS is_canonical
        FROM entities WHERE NOT ends_with(coalesce(proclitic, ''), 'ل')
    )
    GROUP BY ALL
    UNION ALL BY NAME
    SELECT entity_id, ingested_on, count(DISTINCT article_id) AS articles FROM entities GROUP BY ALL
    ORDER BY entity_id, entity_type, name, ingested_on, is_canonical
"""

_MERGED = """
    WITH total AS (
        SELECT entity_id, min(ingested_on) AS first_seen, max(ingested_on) AS last_seen,
               sum(mentions) FILTER (is_canonical) AS mention_count, sum(articles) AS article_count,
               max(country_code) AS country_code, max(geonames_id) AS geonames_id, max(latitude) AS latitude, max(longitude) AS longitude
        FROM shares GROUP BY entity_id
    ), type AS (
        SELECT entity_id, first(entity_type ORDER BY mentions DESC, entity_type) AS entity_type
        FROM (SELECT entity_id, entity_type, sum(mentions) AS mentions FROM shares WHERE is_canonical GROUP BY ALL)
        GROUP BY entity_id
    ), name AS (
        SELECT entity_id, name, coalesce(sum(mentions) FILTER (is_canonical), 0) AS full_mentions, sum(mentions) AS mentions
        FROM shares WHERE name IS NOT NULL GROUP BY ALL
    ), preferred AS (
        SELECT entity_id, any_value(links.name_ar) AS known,
               coalesce(known, first(name ORDER BY full_mentions DESC, mentions DESC, length(name) DESC, name)) AS name_ar,
               any_value(links.name_en) AS name_en
        FROM name LEFT JOIN links USING (entity_id) GROUP BY entity_id
    ), variant AS (
        SELECT entity_id, string_agg(name, '{separator}' ORDER BY mentions DESC, name) AS variants
        FROM name JOIN preferred USING (entity_id) WHERE name <> name_ar GROUP BY entity_id
    )
    SELECT * FROM total JOIN type USING (entity_id) JOIN preferred USING (entity_id) LEFT JOIN variant USING (entity_id) ORDER BY entity_id
"""


def dimension(entities: pa.Table) -> pa.Table:
    """A partition's share of `dim_entities` (schema `SHARE`) from its mentions (schema.ENTITIES, `ingested_on` filled)."""
    with duckdb.connect() as connection:
        connection.register("entities", entities)
        share = connection.sql(_SHARE).to_arrow_table()
    return share.select(SHARE.names).cast(SHARE)


def merge_dimensions(folder: Path) -> pa.Table:
    """`dim_entities` (schema.DIM_ENTITIES) of the shares in the Parquet files of a folder: one row per entity, by entity_id.

    Counts are summed, the type and the Arabic name are the commonest ones (of linked entities the lexicon's name), and ties go by
    alphabet, so the same shares give the same rows. DuckDB streams the files and spills to disk.
    """
    if not any(folder.glob("*.parquet")):
        return schema.DIM_ENTITIES.arrow.empty_table()
    with duckdb.connect() as connection:
        connection.register("links", names_of_links())
        connection.read_parquet(f"{folder}/*.parquet", hive_partitioning=False).create_view("shares")
        merged = connection.sql(_MERGED.format(separator=schema.SEPARATOR)).to_arrow_table()
    return schema.DIM_ENTITIES.table({name: merged[name] for name in schema.DIM_ENTITIES.arrow.names})
