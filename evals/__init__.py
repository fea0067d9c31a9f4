"""Evals judge an answer or a run: replay, gold sets, metrics. They never see an Assistant."""
