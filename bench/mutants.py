"""Every kind of mutant that bench/mutations.py makes."""

from mutants_of_calls import argument, extra_call, missing_call, order, route, tool_name
from mutants_of_records import record_of_reply, record_of_result, step_not_recorded
from mutants_of_requests import model, output_schema, parameter, prompt_word, reducer, tool_schema
from mutants_of_results import parser, tool_error, tool_result, written_value

KINDS = (
    prompt_word,
    tool_schema,
    argument,
    tool_result,
    tool_error,
    route,
    parser,
    parameter,
    model,
    reducer,
    order,
    extra_call,
    missing_call,
    output_schema,
    written_value,
    tool_name,
    step_not_recorded,
    record_of_result,
    record_of_reply,
)
