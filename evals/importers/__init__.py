"""One small module for each format in which other programs record their runs.

Each has `NAME`, `EXPECTED` (in one phrase), `fits(raw)` and `read(raw)`, which gives a list of
`Conversation` or raises `ValueError` with the reason. They know their format only: plain JSON in,
conversations out; nothing of a record is run, revived or used as a path.
"""
