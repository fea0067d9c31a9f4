"""LangChain's documented recipe, in an interpreter that has it; rival_retrieval.py starts it.

    python rival_langchain.py PDFS QUESTIONS MODEL.onnx OUT.json

PyPDFLoader -> RecursiveCharacterTextSplitter 1000/200 -> all-MiniLM-L6-v2 -> FAISS -> similarity
search, as its tutorial on semantic search has it. Only the way the model is run is not the
documented one, sentence-transformers on torch: the same weights run in onnxruntime, which gives
the same vectors (cosine >= .999999) and took the same CPU time a chunk. One thread.
OUT has ids, page numbers and figures, no text; it is moved into place when all is done.
"""

import json
import logging
import os
import resource
import sys
import time
import warnings
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
warnings.simplefilter("ignore")
logging.getLogger("pypdf").setLevel(logging.ERROR)

import faiss  # noqa: E402 - after the threads are set
import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402
from langchain_community.docstore.in_memory import InMemoryDocstore  # noqa: E402
from langchain_community.document_loaders import PyPDFLoader  # noqa: E402
from langchain_community.vectorstores import FAISS  # noqa: E402
from langchain_core.embeddings import Embeddings  # noqa: E402
from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

LIBRARIES = (
    *("langchain", "langchain-community", "langchain-text-splitters", "pypdf"),
    *("onnxruntime", "tokenizers", "faiss-cpu"),
)
DIMENSION = 384
DEPTH = 40
"""Chunks asked for, as many as we ask ourselves for."""


class MiniLm(Embeddings):
    """all-MiniLM-L6-v2 as sentence-transformers runs it: 256 tokens, unit vectors, sorted by length."""

    def __init__(self, model: Path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        named = model.with_name(f"{model.stem}_tokenizer.json")
        file = named if named.exists() else model.with_name("tokenizer.json")
        self.tokenizer = Tokenizer.from_file(str(file))
        self.tokenizer.enable_truncation(256)
        self.tokenizer.enable_padding(pad_id=0)
        self.seconds = 0.0

    def embed_documents(self, texts):
        before = time.process_time()
        out = np.zeros((len(texts), DIMENSION), np.float32)
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for start in range(0, len(order), 16):  # more take no less time
            rows = order[start : start + 16]
            batch = self.tokenizer.encode_batch([texts[row] for row in rows])
            given = {
                "input_ids": np.array([item.ids for item in batch], np.int64),
                "attention_mask": np.array([item.attention_mask for item in batch], np.int64),
            }
            out[rows] = self.session.run(None, given)[0]
        self.seconds += time.process_time() - before
        return out.tolist()

    def embed_query(self, text):
        return self.embed_documents([text])[0]


def cpu():
    """CPU seconds of this process and the children that ended."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def indexed(pdfs, model):
    """The store, its size, and CPU seconds by step; imports are not counted."""
    marks = [cpu()]
    pages = [page for pdf in sorted(pdfs.glob("*.pdf")) for page in PyPDFLoader(str(pdf)).load()]
    marks.append(cpu())
    chunks = RecursiveCharacterTextSplitter(
        chunk_size=1000, chunk_overlap=200, add_start_index=True
    ).split_documents(pages)
    marks.append(cpu())
    embeddings = MiniLm(model)
    store = FAISS(embeddings, faiss.IndexFlatL2(DIMENSION), InMemoryDocstore(), {})
    store.add_documents(chunks)
    marks.append(cpu())
    load, split, store_all = (after - before for before, after in pairwise(marks))
    embed = embeddings.seconds
    steps = {"load": load, "split": split, "embed": embed, "store": store_all - embed}
    return store, len(pages), len(chunks), steps


def found(store, questions, size, given):
    """Chunks by question as [document, page from 1], best first; CPU seconds of each question.

    `given` None: everything is searched. Else only the right document, by the filter of the store,
    which looks at that many best chunks of all documents and drops what is not of that one.
    """
    ways, spent = {}, []
    for question in questions:
        only = {}
        if given is not None:
            name = question["doc_name"]
            only = {"filter": lambda m, n=name: Path(m["source"]).stem == n, "fetch_k": given}
        before = time.process_time()
        hits = store.similarity_search(question["question"], k=min(DEPTH, size), **only)
        spent.append(time.process_time() - before)
        ways[question["id"]] = [
            [Path(hit.metadata["source"]).stem, hit.metadata["page"] + 1] for hit in hits
        ]
    return ways, spent


def main():
    pdfs, asked, model, out = map(Path, sys.argv[1:])
    faiss.omp_set_num_threads(1)
    store, pages, size, steps = indexed(pdfs, model)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    questions = [json.loads(line) for line in asked.read_text(encoding="utf-8").splitlines()]
    shared, spent = found(store, questions, size, None)
    told = {
        "versions": {name: version(name) for name in LIBRARIES},
        "day": time.strftime("%Y-%m-%d", time.gmtime()),
        "documents": len(list(pdfs.glob("*.pdf"))),
        "pages": pages,
        "chunks": size,
        "cpu": steps,
        "peak_mb": peak,
        "query_s": spent,
        "shared": shared,
        "document given": found(store, questions, size, size)[0],
        "document given, `fetch_k` as it comes": found(store, questions, size, 20)[0],
    }
    part = out.with_suffix(".part")
    part.write_text(json.dumps(told), encoding="utf-8")
    part.replace(out)


if __name__ == "__main__":
    main()
