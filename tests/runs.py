"""Small runs for tests of metrics: a trace with given tool calls, and its answer."""

from workings.graphs.answer import Answer, Calculation, Citation, Usage
from workings.graphs.model import ModelReply, ModelRequest
from workings.graphs.steps import ModelStep, Start, ToolStep
from workings.graphs.trace import Trace

QUESTION = "What was revenue in 2025?"
PAGES = {
    3: "Revenue rose by 12% to EUR 412.3 million in 2025. Staff costs fell to EUR 80 million.",
    7: "The warranty does not cover water damage. It lasts 24 months from delivery.",
}


def passage(page, document="report.pdf", text=None):
    return {
        "id": f"{document}-{page}",
        "document": document,
        "page": page,
        "text": PAGES.get(page, "") if text is None else text,
    }


def search(*pages, query="revenue 2025"):
    found = [page if isinstance(page, dict) else passage(page) for page in pages]
    return ("search_documents", {"query": query}, {"content": "", "passages": found})


def call(name, arguments, content="", status="ok"):
    return (name, arguments, {"content": content}, status)


def trace_of(*calls, question=QUESTION, id="run-1", **fields):
    start = Start(id=id, created="", question=question, model="test")
    asked = ModelStep(
        index=1,
        node="agent",
        name="decide",
        key="",
        request=ModelRequest(model="test", messages=()),
        reply=ModelReply(),
    )
    steps = [asked]
    for index, (name, arguments, result, *status) in enumerate(calls, 2):
        steps.append(
            ToolStep(
                index=index,
                node="tools",
                name=name,
                key="",
                request_id=f"call_{index}",
                arguments=arguments if isinstance(arguments, dict) else None,
                raw_arguments=str(arguments),
                status=status[0] if status else "ok",
                result=result,
            )
        )
    return Trace(start=start, steps=tuple(steps), status="done", **fields)


def answer(text="", *calls, cited=(), question=QUESTION, results=(), **fields):
    citations = tuple(
        Citation(
            marker=marker,
            passage=f"{document}-{page}",
            document=document,
            page=page,
            page_label=None,
            url=None,
            quote="",
            verified=True,
        )
        for marker, (document, page) in enumerate(cited, 1)
    )
    made = Answer(
        question=question,
        text=text,
        citations=citations,
        calculations=tuple(Calculation(expression="1+1", result=r) for r in results),
        usage=fields.pop("usage", Usage(model="test", requests=1, seconds=0.5)),
        **fields,
    )
    return made.with_trace(trace_of(*calls, question=question))
