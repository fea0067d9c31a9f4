"""The calls of a live run: a real model and real tools, under one deadline.

Knows retries, waiting and time. Every failure that can be expected is an outcome, in plain words;
only cancelling the run goes through. Knows nothing of nodes or of recording.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from ..tools.errors import LimitReached, ProviderError, ToolError
from ..tools.secrets import scrub
from ..tools.tool import Tool, ToolResult
from .calls import Call, ModelOutcome, ToolOutcome
from .errors import to_step_error
from .metering import metered
from .model import ChatModel, ModelReply, ModelRequest, Tokens
from .steps import Attempt, StepError, ToolStep

TRIES = 3
"""How often one request is made when the service says that it may succeed later."""
BACKOFF = 0.5
"""Seconds before the second try when the service names no time; each further wait doubles."""
RESULT_LIMIT = 200_000
"""Characters of text in one tool's result; what is beyond is left out, and that is said."""


class LiveCalls:
    """`Calls` on a live model. The run, and its deadline, begin when this is made."""

    at_once = False

    def __init__(
        self,
        model: ChatModel,
        deadline: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        price: Callable[[str, Tokens], float | None] | None = None,
    ) -> None:
        """`deadline` is in seconds, for the whole run; `price` is US dollars, None if unknown."""
        self._model = model
        self._deadline = deadline
        self._now = clock
        self._sleep = sleep
        self._price = price
        self._began = clock()

    def clock(self) -> float:
        """Seconds since the run began."""
        return self._now() - self._began

    def model_step(self, call: Call, index: int) -> None:
        """Nothing was made before."""

    def tool_step(self, call: Call, begun: ToolStep) -> None:
        """Nothing was made before."""

    async def model(
        self, call: Call, request: ModelRequest, on_text: Callable[[str], None] | None = None
    ) -> ModelOutcome:
        """Ask the model: at most `TRIES` times, never past the deadline.

        Not again either once text has arrived, for it may have been shown, nor when the run may
        make no further request (`call.attempts_left`).

        When the deadline stops a model that had begun to answer, the error's detail holds what
        had arrived as `partial`.
        """
        began = self.clock()
        attempts: list[Attempt] = []
        while True:
            draft: list[str] = []
            try:
                async with asyncio.timeout(self._left()):
                    reply = await self._model.attempt(request, _tee(draft, on_text))
                cost, tokens = self._cost(reply), reply.tokens
                metered(cost, None if tokens is None else tokens.input + tokens.output)
                return ModelOutcome(
                    reply=reply,
                    attempts=tuple(attempts),
                    seconds=self._since(began),
                    cost_usd=cost,
                )
            except ProviderError as error:
                failure = error
            except TimeoutError:
                return self._stopped(f"model {self._model.id!r}", draft, attempts, began)
            spare = min(TRIES, call.attempts_left) - len(attempts) - 1
            wait = self._wait(failure, len(attempts), spare, bool(draft))
            if wait is None:
                final = self._final(failure, len(attempts) + 1, spare, bool(draft))
                return ModelOutcome(
                    error=to_step_error(final),
                    attempts=tuple(attempts),
                    seconds=self._since(began),
                )
            attempts.append(Attempt(error=to_step_error(failure), waited=wait))
            await self._sleep(wait)

    async def tool(self, call: Call, tool: Tool, arguments: dict[str, object]) -> ToolOutcome:
        """Run a tool under the deadline. What it raises is an outcome."""
        began = self.clock()
        limit = asyncio.timeout(self._left())
        try:
            async with limit:
                result = _bounded(await tool.run(arguments))
            return ToolOutcome(result=result, seconds=self._since(began))
        except ToolError as error:
            failure = to_step_error(error)
        except (Exception, SystemExit) as error:
            if limit.expired():
                failure = to_step_error(self._late(f"tool {tool.name!r}"))
            else:
                text = f"the tool {tool.name} failed: {type(error).__name__}: {error}"
                failure = StepError(type="ToolError", message=scrub(text))
        return ToolOutcome(error=failure, seconds=self._since(began))

    def _since(self, began: float) -> float:
        """Seconds, in whole microseconds: no clock is finer."""
        return round(self.clock() - began, 6)

    def _left(self) -> float:
        return max(0.0, self._deadline - self.clock())

    def _cost(self, reply: ModelReply) -> float | None:
        if self._price is None or reply.tokens is None:
            return None
        return self._price(self._model.id, reply.tokens)

    def _wait(self, failure: ProviderError, waited: int, spare: int, spoken: bool) -> float | None:
        """Seconds to wait before the next try; None when there is none."""
        if not failure.retryable or spoken or failure.partial or spare <= 0:
            return None
        wait = failure.retry_after
        if wait is None:
            wait = BACKOFF * 2**waited
        return wait if wait < self._left() else None

    def _final(self, failure: ProviderError, tries: int, spare: int, spoken: bool) -> ProviderError:
        """The failure that ends the call, saying why it was not tried again."""
        text = str(failure)
        if failure.retryable and not spoken and not failure.partial:
            if spare <= 0:
                text += f" Tried {tries} times." if tries > 1 else ""
            elif failure.retry_after is not None:
                text += (
                    f" It asks to wait {failure.retry_after:g} s, longer than the "
                    f"{self._left():.0f} s that are left of the deadline."
                )
            else:
                text += " The deadline leaves no time to try again."
        return ProviderError(
            text, failure.kind, failure.retryable, failure.retry_after, failure.partial
        )

    def _late(self, what: str) -> LimitReached:
        return LimitReached(
            f"stopped at the deadline of {self._deadline:g} s, waiting for {what}; a longer one is "
            "set with --deadline",
            "deadline",
        )

    def _stopped(
        self, what: str, draft: list[str], attempts: list[Attempt], began: float
    ) -> ModelOutcome:
        error = to_step_error(self._late(what))
        if draft:
            partial = scrub("".join(draft))
            text = (
                f"{error.message}. The answer is partial: {len(partial):,} characters had arrived."
            )
            detail = {**error.detail, "partial": partial}
            error = StepError(type=error.type, message=text, detail=detail)
        return ModelOutcome(error=error, attempts=tuple(attempts), seconds=self._since(began))


def _tee(draft: list[str], on_text: Callable[[str], None] | None) -> Callable[[str], None]:
    def take(piece: str) -> None:
        draft.append(piece)
        if on_text is not None:
            on_text(piece)

    return take


def _bounded(result: ToolResult) -> ToolResult:
    """The result within `RESULT_LIMIT`: text first, then as many passages as fit."""
    content = result.content
    room = RESULT_LIMIT - len(content)
    kept = 0
    for passage in result.passages:
        room -= len(passage.text)
        if room < 0:
            break
        kept += 1
    if len(content) <= RESULT_LIMIT and kept == len(result.passages):
        return result
    left_out = []
    if len(content) > RESULT_LIMIT:
        left_out.append(f"{len(content) - RESULT_LIMIT:,} characters")
    if kept < len(result.passages):
        left_out.append(f"{len(result.passages) - kept} passages")
    note = f"[left out, the result is too long: {' and '.join(left_out)}]"
    return result.model_copy(
        update={
            "content": f"{content[:RESULT_LIMIT]}\n{note}".lstrip(),
            "passages": result.passages[:kept],
            "data": None,
        }
    )
