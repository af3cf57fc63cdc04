"""The Newsroom: read-only pages over a lake: queries, rendering, and a web application that leaves it to its host who may see it.

`web.create_app` is what a host mounts (Airflow does, through plugins/newsroom.py).
"""
