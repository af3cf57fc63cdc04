"""Rasd (رصد): Arabic news in, analysis-ready Parquet out.

The package is plain Python: it never imports Airflow. `rasd.pipeline` holds the stages of a run, `rasd.cli` its command line,
`rasd.schema` the data contract and `rasd.settings` every knob.
"""

__version__ = "0.1.0"
