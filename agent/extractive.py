"""The embedded model that needs no language model: it routes, reads and computes by plain rules.

A real LangChain chat model: it reads message text, and answers with tool calls or the JSON that a
schema asks for. Its rules are pure functions in tools/ (routing, planning, reading, composing).
Knows the shape of our messages; never looks at artifacts, files or the network.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from ..tools.composed import Composed
from ..tools.composing import compose
from ..tools.evidence import shown_calculations, shown_documents, shown_passages, shown_rows
from ..tools.following import Done, first_step, next_step
from ..tools.leaning import resolve
from ..tools.routing import Loaded

_QUESTION = re.compile(r"<question>(.*?)</question>", re.DOTALL)
_EARLIER = re.compile(r"^Earlier question: (.*)$", re.MULTILINE)


class ExtractiveModel(BaseChatModel):
    """Answers with verbatim sentences, table cells and calculations on them, or refuses."""

    @property
    def _llm_type(self) -> str:
        return "extractive"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The model with tools on offer, as OpenAI functions."""
        offered = [convert_to_openai_tool(tool) for tool in tools]
        if tool_choice is not None:
            kwargs["tool_choice"] = tool_choice
        return self.bind(tools=offered, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        if kwargs.get("response_format") is not None:
            message = AIMessage(json.dumps(_answer(messages), ensure_ascii=False))
        else:
            message = _decide(messages, _names(kwargs.get("tools") or ()))
        reason = "tool_calls" if message.tool_calls else "stop"
        info = {"finish_reason": reason, "model_name": "extractive"}
        message.response_metadata = info
        return ChatResult(generations=[ChatGeneration(message=message, generation_info=info)])


def _decide(messages: Sequence[BaseMessage], offered: Sequence[str]) -> AIMessage:
    """The next tool calls, or a few words when nothing more is needed."""
    asked = [i for i, message in enumerate(messages) if isinstance(message, HumanMessage)]
    if not asked:
        return AIMessage("There is no question.")
    last = asked[-1]
    earlier = [str(messages[i].text) for i in asked[:-1]][-2:]  # as many as the answer sees
    question = resolve(str(messages[last].text), earlier)
    documents = [
        Loaded(found.get("name", ""), found.get("title", ""), _share(found.get("named", "")))
        for message in messages
        if isinstance(message, SystemMessage)
        for found in shown_documents(str(message.text))
    ]
    made: list[tuple[str, dict[str, Any]]] = []
    results: list[str] = []
    for message in messages[last + 1 :]:
        if isinstance(message, AIMessage):
            made.extend((call["name"], dict(call["args"])) for call in message.tool_calls)
        elif isinstance(message, ToolMessage):
            results.append(str(message.text))
    if not made:
        calls = first_step(question, documents, offered)
    else:
        text = "\n".join(results)
        done = Done(
            made=tuple(made),
            passages=tuple(shown_passages(text)),
            calculations=tuple(shown_calculations(text)),
            rows=tuple((row.get("document", ""), row.get("page", "")) for row in shown_rows(text)),
        )
        calls = next_step(question, documents, offered, done)
    if not calls:
        return AIMessage("Nothing more is needed.")
    return AIMessage(
        "",
        tool_calls=[
            {"name": call.tool, "args": call.arguments, "id": f"call_{len(made) + number}"}
            for number, call in enumerate(calls, start=1)
        ],
    )


def _answer(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """The JSON of the answer schema."""
    text = next(
        (str(item.text) for item in reversed(messages) if isinstance(item, HumanMessage)), ""
    )
    body, found = text, ""
    for match in _QUESTION.finditer(text):
        body, found = text[: match.start()], match.group(1)
    question = resolve((found or text).strip(), _EARLIER.findall(body))
    passages, calculations = shown_passages(body), shown_calculations(body)
    return _as_json(compose(question, passages, calculations))


def _as_json(composed: Composed) -> dict[str, Any]:
    return {
        "refused": composed.refused,
        "reason": composed.reason[:200],
        "sentences": [
            {
                "text": sentence.text,
                "citations": [
                    {"passage": passage, "quote": quote} for passage, quote in sentence.citations
                ],
            }
            for sentence in composed.sentences
        ],
        "value": composed.value[:40],
        "unit": composed.unit[:30],
    }


def _names(tools: Sequence[dict[str, Any]]) -> list[str]:
    return [str(tool.get("function", tool).get("name", "")) for tool in tools]


def _share(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0
