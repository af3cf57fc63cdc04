"""Cleaning: landed files become clean, dated, deduplicated articles.

`clean_files` is run per shard; `duplicates` and `boilerplate` need the whole partition and run once after it.
"""

from rasd.cleaning.articles import CleanedFiles, clean_files

__all__ = ["CleanedFiles", "clean_files"]
