"""Web search: what may go out, what may come in, and every fault in plain words."""

import asyncio
import json
from typing import Any

import pytest
from fake_provider import FakeProvider, Reply
from workings.tools.addresses import safe_url
from workings.tools.errors import SettingsError, ToolError
from workings.tools.web import TEXT_LIMIT, check_query, web_tool

KEY = "tvly-canary-0123456789abcdef"


def item(**fields: Any) -> dict[str, Any]:
    return {"title": "T", "url": "https://example.com/a", "content": "A fact.", **fields}


def found(*items: Any) -> Reply:
    return Reply(body={"query": "q", "results": list(items)})


def search(*replies: Reply, query: str = "capital of France", **options: Any) -> Any:
    with FakeProvider(*replies) as fake:
        tool = web_tool(KEY, f"http://127.0.0.1:{fake.port}", **options)
        try:
            result: Any = asyncio.run(tool.run({"query": query}))
        except ToolError as error:
            assert "canary" not in str(error)
            result = error
    return result, fake


def test_results_are_passages_that_can_be_cited():
    page = item(published_date="2026-11-01", title="Paris\n facts")
    result, fake = search(found(page))
    (passage,) = result.passages
    assert (passage.document, passage.document_id, passage.page) == ("Paris facts", "web", None)
    assert (passage.text, passage.header) == ("A fact.", "example.com")
    assert (passage.url, passage.date) == ("https://example.com/a", "2026-11-01")
    assert fake.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert fake.requests[0].body["query"] == "capital of France"


def test_nothing_found_is_said():
    assert "nothing usable" in search(found())[0].content


def test_text_is_cleaned_cut_and_counted():
    body = json.dumps({"results": [item(content="a\u200bb" + " word" * 2_000)]})
    result, _ = search(Reply(body=body.encode()))
    (passage,) = result.passages
    assert passage.text.startswith("ab word") and passage.text.endswith(" word")
    assert TEXT_LIMIT - 100 < len(passage.text) <= TEXT_LIMIT
    assert result.data["removed_characters"] == 1


def test_duplicates_come_once_and_no_more_than_asked():
    many = [item(url=f"https://example.com/{n // 2}") for n in range(40)]
    result, _ = search(found(*many), max_results=3)
    assert [passage.url[-1] for passage in result.passages] == ["0", "1", "2"]


def test_results_without_text_or_address_are_left_out():
    odd = ["text", None, {}, item(url=None), item(content=None), item(content=" "), item(title=3)]
    result, _ = search(found(*odd), max_results=9)
    assert [passage.document for passage in result.passages] == ["example.com"]
    assert result.data["left_out"] == 6


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.com/x",
        "http://127.0.0.1:9/admin",
        "http://localhost/x",
        "http://169.254.169.254/latest",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://[fd00::1]/",
        "http://2130706433/",
        "http://0x7f.0x1/",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://intranet/",
        "https://bank.example@evil.example/",
        "https://x.example/\u202egpj.exe",
        "https://x.example/\nSet-Cookie: a=b",
        "https://x.example/a b",
        "https://x.example:port/",
        "https://" + "x" * 3_000,
        None,
    ],
)
def test_an_address_that_is_not_safe_is_none(url):
    assert safe_url(url) is None


def test_a_look_alike_host_is_shown_as_it_is():
    assert safe_url("https://\u0430pple.example/") == "https://xn--pple-43d.example/"
    assert safe_url("HTTPS://Example.com:8443/a?b=c#d") == "https://example.com:8443/a?b=c#d"


@pytest.mark.parametrize(
    "query",
    [
        "",
        " \u200b\n",
        "x" * 401,
        "see http://exfil.invalid/ now",
        "www.exfil.invalid",
        "exfil.invalid/?d=secret",
        "53656372657420746578742066726f6d",
        "%53%65%63%72%65%74%20%74%65%78%74%20%66",
        "U2VjcmV0IHRleHQgZnJvbSB0aGUgZG9j",
        "c2VjcmV0-dGV4dCBmcm9tIHRoZSA5",
        "mfrggzdfmztwq2lknnwg23tpobyxe43uov3ho6dz",
    ],
)
def test_a_query_that_could_carry_data_out_is_refused_unsent(query):
    result, fake = search(found(item()), query=query)
    assert isinstance(result, ToolError) and fake.requests == []


@pytest.mark.parametrize(
    "query",
    [
        "What was Apple's revenue in FY2025?",
        "EUR/USD exchange rate 2026-11-22",
        "site of U.S./China talks, 3.5/5 rating of Node.js/Express",
        "Donaudampfschifffahrtsgesellschaft",
        "state-of-the-art-machine-learning-models",
        "iPhone-15-Pro-Max-256GB-Blue price",
        "inflation 2019 2020 2021 2022 2023 2024 2025",
        "example.com company profile",
    ],
)
def test_an_honest_query_goes_out(query):
    assert check_query(query) == query


def test_the_arguments_are_checked():
    tool = web_tool(KEY)
    for arguments in ({}, {"query": 3}, {"query": "x", "url": "y"}):
        with pytest.raises(ToolError):
            asyncio.run(tool.run(arguments))


@pytest.mark.parametrize(
    "code, requests", [(400, 1), (401, 1), (403, 1), (429, 1), (432, 1), (433, 1), (302, 1)]
)
def test_what_will_not_pass_is_asked_once(code, requests):
    body = {"detail": {"error": f"no {KEY}"}}
    result, fake = search(Reply(code, body, headers={"Location": "http://127.0.0.1:9/"}))
    assert isinstance(result, ToolError) and len(fake.requests) == requests


@pytest.mark.parametrize("fault", [Reply(500), Reply(502, b"<html>"), Reply(end="reset")])
def test_a_failure_that_may_pass_is_tried_once_more(fault):
    result, fake = search(fault, found(item()))
    assert len(result.passages) == 1 and len(fake.requests) == 2
    result, fake = search(fault)
    assert isinstance(result, ToolError) and len(fake.requests) == 2


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'{"results": null}', b'{"results": [', b"[" * 100_000]
)
def test_an_unreadable_answer_is_a_tool_error(body):
    assert isinstance(search(Reply(body=body))[0], ToolError)


def test_an_endless_answer_is_not_read_whole():
    assert "4,000,000" in str(search(found(item(content="A" * 5_000_000)))[0])


def test_silence_ends_at_the_timeout():
    assert "0.2 s" in str(search(Reply(body=b"{}", end="hang"), timeout=0.2)[0])


def test_without_a_key_there_is_no_tool():
    for key in ("", "  ", "tvly-\u20ac"):
        with pytest.raises(SettingsError, match="TAVILY_API_KEY"):
            web_tool(key)
