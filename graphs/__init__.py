"""Graphs decide what to do next and say what happened: state, nodes, verification, the trace.
They know tools; they know nothing of evaluation, settings or people.
"""
