"""What the run took: steps, requests, tokens, money, time. Scored for refusals too.

What is not known is unscored, never 0. Knows nothing of whether the answer is right.
"""

from ...graphs.answer import Answer
from ..checks import Verdict
from ..gold import GoldCase
from .metric import Metric, scored, trace_of, unscored


def steps(case: GoldCase, answer: Answer) -> Verdict:
    """Model calls and tool calls of the run."""
    trace = trace_of(answer)
    if trace is None:
        return unscored("steps", "the answer has no trace")
    models = sum(step.kind == "model" for step in trace.steps)
    reason = f"{models} model calls and {len(trace.steps) - models} tool calls"
    return scored("steps", len(trace.steps), reason)


def requests(case: GoldCase, answer: Answer) -> Verdict:
    """Requests to the model, retries included."""
    return scored("requests", answer.usage.requests, f"of {answer.usage.model}")


def tokens(case: GoldCase, answer: Answer) -> Verdict:
    """Input and output tokens, as the service counted them."""
    given, made = answer.usage.input_tokens, answer.usage.output_tokens
    if given is None or made is None:
        return unscored("tokens", "the service did not count them")
    return scored("tokens", given + made, f"{given} in, {made} out")


def cost(case: GoldCase, answer: Answer) -> Verdict:
    """US dollars."""
    if answer.usage.cost_usd is None:
        return unscored("cost", "the price of the model is not known")
    return scored("cost", answer.usage.cost_usd, "US dollars")


def latency(case: GoldCase, answer: Answer) -> Verdict:
    """Seconds from the question to the answer."""
    return scored("latency", answer.usage.seconds, "seconds")


METRICS = (
    Metric("steps", "model calls and tool calls", steps, "amount", "lower", of_run=True),
    Metric("requests", "requests to the model, retries included", requests, "amount", "lower"),
    Metric("tokens", "input + output tokens as the service counts them", tokens, "amount", "lower"),
    Metric("cost", "US dollars; unscored where a price is not known", cost, "amount", "lower"),
    Metric("latency", "seconds from question to answer", latency, "amount", "lower"),
)
