"""The tools for language models, called by the protocol's own client over both transports."""

import json
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult
from starlette.routing import Route

from index import add_texts, create_index
from qa.models import Answer
from tests.fakes import FakeEncoder
from tests.web.fakes import FakeAssistant, make_document
from web.gate import Gate
from web.mcp_http import McpEndpoint
from web.page import Page
from web.passwords import Accounts, hash_password
from web.programs import Programs
from web.protection import protection
from web.serving import serving_in_background

TEXT = "Café 👩‍👩‍👧‍👦 said: the answer is forty-two.\nAnd more words follow."
DOCUMENTS = [make_document("doc", TEXT, title="Deep thought"), make_document("other", "Nothing here.")]
KNOWN = {"what?": [("doc", "forty-two")]}
ROOT = Path(__file__).parent.parent.parent
Talk = Callable[[ClientSession], Awaitable[None]]


def app_of(gate: Gate | None = None, accounts: Accounts | None = None) -> FastAPI:
    programs = Programs(Page(lambda: FakeAssistant(DOCUMENTS, KNOWN)), gate)
    app = FastAPI(openapi_url=None, middleware=protection("127.0.0.1", accounts))
    app.router.routes.append(Route("/mcp", McpEndpoint(programs)))
    return app


def talk_over_http(talk: Talk, *, gate: Gate | None = None) -> None:
    async def run(url: str) -> None:
        async with (
            streamable_http_client(f"{url}/mcp") as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            await talk(session)

    with serving_in_background(app_of(gate)) as url:
        anyio.run(run, url)


def told(result: CallToolResult) -> str:
    return "".join(getattr(part, "text", "") for part in result.content)


def test_tools_are_described_as_reading_only() -> None:
    async def talk(session: ClientSession) -> None:
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        assert set(tools) == {"ask", "search", "list_documents", "read_document"}
        for tool in tools.values():
            assert tool.description
            assert tool.annotations is not None
            assert tool.annotations.readOnlyHint is True
            assert tool.annotations.openWorldHint is False
            assert tool.outputSchema is not None
        assert tools["ask"].inputSchema["required"] == ["question"]
        assert [tool.inputSchema["additionalProperties"] for tool in tools.values()] == [False] * 4

    talk_over_http(talk)


def test_answer_is_the_contract_and_its_citation_can_be_read() -> None:
    async def talk(session: ClientSession) -> None:
        result = await session.call_tool("ask", {"question": "what?", "documents": ["doc"]})
        answer = Answer.model_validate(result.structuredContent)
        assert Answer.model_validate_json(told(result)) == answer
        citation = answer.citations[0]
        assert answer.answer == TEXT[citation.start : citation.end] == "forty-two"
        read = await session.call_tool(
            "read_document", {"document": citation.document_id, "start": citation.start, "end": citation.end}
        )
        assert read.structuredContent is not None
        assert read.structuredContent["text"] == citation.text
        assert read.structuredContent["sha256"] == citation.sha256
        whole = await session.call_tool("read_document", {"document": "doc"})
        assert whole.structuredContent is not None
        assert whole.structuredContent["text"] == TEXT

    talk_over_http(talk)


def test_refusal_passages_and_list() -> None:
    async def talk(session: ClientSession) -> None:
        refused = (await session.call_tool("ask", {"question": "who?"})).structuredContent
        assert refused is not None
        assert (refused["answer"], refused["abstained"]) == (None, True)
        found = (await session.call_tool("search", {"question": "answer words", "top": 1})).structuredContent
        assert found is not None
        assert [hit["document_id"] for hit in found["passages"]] == ["doc"]
        listed = (await session.call_tool("list_documents", {"count": 1})).structuredContent
        assert listed is not None
        assert (listed["total"], [document["id"] for document in listed["documents"]]) == (2, ["doc"])

    talk_over_http(talk)


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("ask", {"question": " "}, "The question is empty"),
        ("ask", {"question": "x" * 1001}, "at most 1,000"),
        ("ask", {"question": "what?", "documents": ["gone"]}, "There is no document 'gone'"),
        ("ask", {"question": "what?", "since": "May"}, "2020-05-31"),
        ("ask", {"question": "what? \ud7ff", "until": "x" * 11}, "until"),
        ("ask", {}, "question"),
        ("ask", {"question": "what?", "document": "other"}, "document\n  Extra inputs are not permitted"),
        ("read_document", {"document": "doc", "documents": ["other"]}, "Extra inputs are not permitted"),
        ("list_documents", {"words": "thought"}, "Extra inputs are not permitted"),
        ("search", {"question": "what?", "top": 0}, "top"),
        ("read_document", {"document": "doc", "start": 9, "end": 3}, "has no characters"),
        ("read_document", {"document": "../../etc/passwd"}, "There is no document"),
    ],
)
def test_what_does_not_fit_is_an_error_that_a_model_can_read(tool: str, arguments: Any, said: str) -> None:
    async def talk(session: ClientSession) -> None:
        result = await session.call_tool(tool, arguments)
        assert result.isError
        assert said in told(result)

    talk_over_http(talk)


def test_full_queue_is_told() -> None:
    async def talk(session: ClientSession) -> None:
        result = await session.call_tool("ask", {"question": "what?"})
        assert result.isError
        assert "Try again" in told(result)

    gate = Gate(running=1, waiting=0)
    with gate.turn():
        talk_over_http(talk, gate=gate)


def test_other_web_sites_and_other_methods_are_refused() -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    with serving_in_background(app_of()) as url, httpx.Client(base_url=url) as client:
        json_only = {"Accept": "application/json, text/event-stream"}
        assert client.post("/mcp", json=message, headers=json_only).status_code == 200
        for header in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}):
            assert client.post("/mcp", json=message, headers={**json_only, **header}).status_code == 403
        assert client.get("/mcp").status_code == 405
        assert client.delete("/mcp").status_code == 405
        assert client.post("/mcp", content=b"x" * (2**20 + 1)).status_code == 413


def test_password_protects_the_tools() -> None:
    async def run(url: str) -> None:
        async with (
            httpx.AsyncClient(auth=("anna", "correct horse")) as logged_in,
            streamable_http_client(f"{url}/mcp", http_client=logged_in) as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            assert len((await session.list_tools()).tools) == 4

    with serving_in_background(app_of(accounts=Accounts({"anna": hash_password("correct horse")}))) as url:
        assert httpx.post(f"{url}/mcp", json={}).status_code == 401
        anyio.run(run, url)


def test_requests_at_once_get_their_own_answers() -> None:
    text = " ".join(f"word{number}" for number in range(8))
    known = {f"question {number}": [("doc", f"word{number}")] for number in range(8)}
    assistant = FakeAssistant([make_document("doc", text)], known, delay=0.02)
    app = FastAPI()
    app.router.routes.append(Route("/mcp", McpEndpoint(Programs(Page(lambda: assistant)))))
    given: dict[int, str] = {}
    threads = threading.active_count()  # other tests may have left some behind

    async def run(url: str) -> None:
        async with (
            streamable_http_client(f"{url}/mcp") as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()

            async def ask(number: int) -> None:
                result = await session.call_tool("ask", {"question": f"question {number}"})
                given[number] = json.loads(told(result))["answer"]

            async with anyio.create_task_group() as group:
                for number in range(8):
                    group.start_soon(ask, number)

    with serving_in_background(app) as url:
        anyio.run(run, url)
    assert given == {number: f"word{number}" for number in range(8)}
    assert threading.active_count() < threads + 60


# What runs in the process of its own: the real command with an encoder and a reader that need no models.
SERVER = """
import sys
import qa.assistant, index
from tests.fakes import FakeEncoder, FakeReader
qa.assistant.MiniLMEncoder = FakeEncoder
qa.assistant.load_reader = lambda name: FakeReader()
import typer
from web.mcp_stdio import main
sys.argv = ["qa mcp", "--index", sys.argv[1]]
typer.run(main)
"""


def test_command_serves_over_standard_input_and_output(tmp_path: Path) -> None:
    text = "Nothing much happened.\n\nThe famous ceasefire meeting happened yesterday."
    add_texts(create_index(tmp_path / "index", FakeEncoder()), [("news.txt", "news", text)])
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-c", SERVER, str(tmp_path / "index")],
        cwd=str(ROOT),
        env={"PYTHONPATH": str(ROOT)},
    )

    async def run() -> None:
        async with stdio_client(parameters) as (reading, writing), ClientSession(reading, writing) as session:
            about = await session.initialize()
            assert about.serverInfo.name == "Footnote"
            result = await session.call_tool("ask", {"question": "Which famous meeting happened?", "answer_all": True})
            answer = Answer.model_validate(result.structuredContent)
            for citation in answer.citations:
                assert text[citation.start : citation.end] == citation.text
            assert answer.answer is not None
            listed = (await session.call_tool("list_documents", {})).structuredContent
            assert listed is not None
            assert [document["title"] for document in listed["documents"]] == ["news"]

    anyio.run(run)
