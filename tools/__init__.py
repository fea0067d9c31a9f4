"""Tools find things out: documents, retrieval, the web, arithmetic.

They know nothing of graphs, models, traces, settings or people.
"""
