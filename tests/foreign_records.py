"""One small record of each format that is imported; what is in them is made up."""

import json


def call(id, name, arguments):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def chat():
    """Two turns of a user, a call that was cut off, an empty result, and a last word."""
    return [
        {"role": "system", "content": "You help with boats."},
        {"role": "user", "content": "Which boats are red?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [call("c1", "find", '{"colour": "red"}')],
        },
        {"role": "tool", "tool_call_id": "c1", "name": "find", "content": "Heron, Tern"},
        {"role": "assistant", "content": "Heron and Tern."},
        {"role": "user", "content": "And blue?"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [call("c1", "find", '{"colour":'), call("c2", "count", "{}")],
        },
        {"role": "tool", "tool_call_id": "c1", "name": "find", "content": "Gull"},
        {"role": "tool", "tool_call_id": "c2", "name": "count", "content": ""},
        {"role": "assistant", "content": "One: Gull."},
        {"role": "user", "content": "###STOP###"},
    ]


DOJO = {
    "suite_name": "harbour",
    "pipeline_name": "some-model",
    "user_task_id": "user_task_1",
    "messages": [
        {"role": "user", "content": "Pay the fee."},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "",
                    "type": "function",
                    "function": {"name": "pay", "arguments": {"amount": 3.50}},
                },
                {"id": "", "type": "function", "function": {"name": "log", "arguments": {}}},
            ],
        },
        {
            "role": "tool",
            "content": "",
            "tool_call_id": None,
            "error": "ValueError: no such account",
            "tool_call": {"function": "pay", "args": {"amount": 3.50}, "id": ""},
        },
        {
            "role": "tool",
            "content": "logged",
            "tool_call_id": None,
            "error": None,
            "tool_call": {"function": "log", "args": {}, "id": ""},
        },
        {"role": "assistant", "content": "It could not be paid.", "tool_calls": []},
    ],
}
_CUT = "{'name': 'tide', 'arguments': '{}', 'response': 'lo\\"
BENCH = {
    "query": "What is the tide today, at Port Ash?",
    "available_tools": [
        {"name": "tide", "description": "Tides.", "parameters": {"type": "object"}}
    ],
    "answer": {
        "method": "cot",
        "final_answer": "{}",
        "answer_details": [
            {
                "role": "system",
                "message": "",
                "next": [
                    {
                        "role": "user",
                        "message": "What is the tide tod",
                        "next": [
                            {
                                "role": "tool",
                                "message": str(
                                    {
                                        "name": "tide",
                                        "arguments": '{"at": "Ash"}',
                                        "response": 'it\'s "high"\n',
                                    }
                                ),
                                "next": [
                                    {
                                        "role": "tool",
                                        "message": _CUT,
                                        "next": [
                                            {
                                                "role": "assistant",
                                                "message": "High, then low.",
                                                "next": [],
                                            }
                                        ],
                                    }
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
    },
}
WHO = {
    "question": "How many?",
    "mistake_agent": "Counter",
    "history": [
        {"role": "human", "content": "How many?"},
        {"role": "Orchestrator (thought)", "content": "Ask the counter."},
        {"role": "assistant", "name": "Counter", "content": "Let me run it."},
        {"role": "user", "name": "Computer_terminal", "content": "exitcode: 0"},
        {"role": "user", "name": "Checker", "content": "8"},
    ],
}
LUNA = {
    "run_id": "r1",
    "pipeline_name": "m",
    "user_prompt": "Find it.",
    "available_tools": ["search_web"],
    "trace": [],
    "final_answer": "Found.",
    "messages": [
        {"role": "user", "content": [{"type": "text", "content": "Find it."}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"function": "search_web", "args": {"q": "it"}, "id": "c", "placeholder_args": None}
            ],
        },
        {
            "role": "tool",
            "content": [{"type": "text", "content": "here"}],
            "tool_call_id": "c",
            "tool_call": {"function": "search_web", "args": {"q": "it"}, "id": "c"},
            "error": None,
        },
        {"role": "assistant", "content": [{"type": "text", "content": "Hm."}], "tool_calls": []},
        {"role": "assistant", "content": [{"type": "text", "content": "Found."}], "tool_calls": []},
    ],
}
INSPECT = {
    "version": 2,
    "eval": {"task": "boats", "model": "openai/m", "created": "2026-01-02T03:04:05+00:00"},
    "samples": [
        {
            "id": 1,
            "epoch": 1,
            "attachments": {"ab": "a long text"},
            "events": [
                {
                    "event": "model",
                    "tools": [{"name": "go", "description": "Go.", "parameters": {}}],
                }
            ],
            "messages": [
                {"role": "user", "content": "attachment://ab", "id": "x"},
                {
                    "role": "assistant",
                    "content": [
                        {"type": "reasoning", "reasoning": "hm"},
                        {"type": "text", "text": "ok"},
                    ],
                    "tool_calls": [{"id": "c", "function": "go", "arguments": {"n": 1}}],
                },
                {"role": "tool", "content": "went", "tool_call_id": "c", "function": "go"},
            ],
        },
        {"id": 2, "epoch": 1, "messages": [{"role": "user", "content": "hi"}]},
    ],
}
SMITH = {
    "post": [
        {
            "id": "r",
            "trace_id": "t",
            "run_type": "llm",
            "start_time": 1728803137170,
            "inputs": {"model": "m", "messages": [{"role": "user", "content": "hi"}]},
            "outputs": {},
        }
    ],
    "patch": [
        {
            "id": "r",
            "trace_id": "t",
            "outputs": {
                "model": "m-1",
                "choices": [
                    {"finish_reason": "stop", "message": {"role": "assistant", "content": "ho"}}
                ],
                "usage_metadata": {"input_tokens": 3, "output_tokens": 2},
            },
        }
    ],
}
SPANS = [
    {
        "name": "chat m",
        "context": {"trace_id": "0a"},
        "start_time": "2026-01-02",
        "attributes": {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "m",
            "gen_ai.system_instructions": [{"type": "text", "content": "Be kind."}],
            "gen_ai.input.messages": json.dumps(
                [{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]
            ),
            "gen_ai.output.messages": json.dumps(
                [
                    {
                        "role": "assistant",
                        "finish_reason": "tool_call",
                        "parts": [
                            {"type": "tool_call", "id": "c", "name": "go", "arguments": {"n": 1}}
                        ],
                    }
                ]
            ),
        },
    },
    {
        "name": "execute_tool go",
        "context": {"trace_id": "0a"},
        "start_time": "2026-01-03",
        "attributes": {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.call.id": "c",
            "gen_ai.tool.call.result": "went",
        },
    },
]

RECORDS = {
    "openai": chat(),
    "agentdojo": DOJO,
    "toolbench": BENCH,
    "whoandwhen": WHO,
    "websearch": LUNA,
    "inspect": INSPECT,
    "langsmith": SMITH,
    "otel": SPANS,
}
