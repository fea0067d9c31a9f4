"""What a model request costs, from the price list that ships with genai-prices.

Knows no price of its own; a model that is not listed has no cost, which is not 0.
"""

from decimal import Decimal

from genai_prices import Usage, calc_price

from ..graphs.model import Tokens


def price(model: str, tokens: Tokens) -> float | None:
    """US dollars of one request to `provider:name`; None when the list does not know it."""
    provider, _, name = model.partition(":")
    if provider != "openai":
        return None
    usage = Usage(input_tokens=tokens.input, output_tokens=tokens.output)
    try:
        found: Decimal = calc_price(usage, model_ref=name, provider_id=provider).total_price
    except LookupError:
        return None
    return float(found)
