"""Figures of a report in words, the same in every face. Knows no layout."""

from ..estimate import Estimate
from ..metric_comparison import MetricComparison
from .facts import MetricLine


def percent(value: float | None, digits: int = 1) -> str:
    """A share as `84.1 %`."""
    return "-" if value is None else f"{value * 100:.{digits}f} %"


def sized(value: float | None, name: str = "") -> str:
    """An amount, with its unit where it has one."""
    if value is None:
        return "-"
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    if name == "cost":
        return f"-${text[1:]}" if value < 0 else f"${text}"
    return f"{text} s" if name == "latency" else text


def share(estimate: Estimate) -> str:
    """`84.1 % (75.0 to 90.4, n = 82)`."""
    if estimate.value is None:
        return f"no data (n = {estimate.n})"
    return f"{percent(estimate.value)} ({limits(estimate)}n = {estimate.n})"


def limits(estimate: Estimate) -> str:
    """`75.0 to 90.4, `; nothing where there is no interval."""
    if estimate.low is None or estimate.high is None:
        return "no interval, "
    return f"{estimate.low * 100:.1f} to {estimate.high * 100:.1f}, "


def figure(line: MetricLine) -> str:
    """A metric's value as it is read: a share, or a mean with its unit."""
    value = line.estimate.value
    return sized(value, line.name) if line.amount else percent(value)


def chance(p: float | None) -> str:
    """A p value."""
    if p is None:
        return "-"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def effect(metric: MetricComparison, value: float | None) -> str:
    """A difference: points of a share, else in the unit of the amount."""
    if value is None:
        return "-"
    if metric.lower_is_better:
        sign = "+" if value > 0 else ""
        return f"{sign}{sized(value, metric.metric)}"
    return f"{value * 100:+.1f}"


def finding(metric: MetricComparison) -> str:
    """The verdict, and what is missing for one."""
    need = f": need {metric.need_n:,} more" if metric.need_n is not None else ""
    return f"{metric.verdict}{need}"


def side(metric: MetricComparison, value: float | None) -> str:
    """A side's value."""
    return sized(value, metric.metric) if metric.lower_is_better else percent(value)
