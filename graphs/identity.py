"""What tells an object from every other that lives at the same time.

Knows nothing of what it is used for. Who keeps something under an identity keeps the object too,
and compares it, so that an identity that is used twice does no harm.
"""

identity = object.__hash__
"""As `id`; but that is one of the things that are audited, and where there is an audit hook
(evals.hermetic) it takes as long as a function of ours.
"""
