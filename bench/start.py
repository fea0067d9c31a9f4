"""Start-up: `import workings` over bare Python, and `workings --help`; best of ten."""

import subprocess
import sys
import time

from common import ROOT, table


def best(*command, tries=10):
    times = []
    for _ in range(tries):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT.parent)
        times.append(time.perf_counter() - began)
    return min(times) * 1000


def main():
    bare = best(sys.executable, "-c", "pass")
    package = best(sys.executable, "-c", "import workings")
    usage = best(sys.executable, "-m", "workings", "--help")
    table(
        [
            "start-up, ms (best of 10)",
            "bare Python",
            "import workings",
            "over bare",
            "workings --help",
        ],
        [
            [
                "",
                f"{bare:.0f}",
                f"{package:.0f}",
                f"{package - bare:.0f} (at most 50)",
                f"{usage:.0f} (under 500)",
            ]
        ],
    )
    return 0 if package - bare <= 50 and usage < 500 else 1


if __name__ == "__main__":
    sys.exit(main())
