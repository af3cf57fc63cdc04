"""Paths of a lake and whole-or-nothing writing: what every stage that touches the disk shares."""
