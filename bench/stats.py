"""The statistics against enumeration, simulation and other libraries. Seeds were set before the first run.

Not called statistics.py: a script's folder comes first on the path, and the standard library has one.
statsmodels and scikit-learn are for this bench only: `WORKINGS_BENCH_PYTHON` names a Python that has them.
"""

import sys

from stats_alarms import false_alarms, power
from stats_beside import libraries
from stats_bounds import FAILED
from stats_coverage import agreement, coverage, wilson_coverage
from stats_scale import scale


def main():
    wilson_coverage()
    coverage()
    false_alarms()
    power()
    agreement()
    libraries()
    scale()
    if FAILED:
        print("\nNot met: " + "; ".join(FAILED) + ".")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
