"""The two kinds of collections of an index: their fields and what they are searched by."""

from typing import Any

TEXT_BYTES = 65_535
"""Most bytes that Milvus takes in a VARCHAR."""

# BM25 as the local index's FTS5 has it.
_BM25 = {"bm25_k1": 1.2, "bm25_b": 0.75}


def records_layout(pymilvus: Any) -> tuple[Any, Any]:
    """Schema and indexes of rows that are looked up, not searched.

    Fields: ``pk``, ``kind``, ``key``, ``part``, ``generation``, ``name`` and ``source`` (hexadecimal hashes), ``body``.

    Args:
        pymilvus: the module, which only :mod:`index.milvus.engine` imports.
    """
    types, schema, indexes = _blank(pymilvus)
    schema.add_field("pk", types.VARCHAR, max_length=96, is_primary=True)
    schema.add_field("kind", types.VARCHAR, max_length=16)
    for field in ("key", "part", "generation"):
        schema.add_field(field, types.INT64)
    for field in ("name", "source"):
        schema.add_field(field, types.VARCHAR, max_length=64)
    schema.add_field("body", types.VARCHAR, max_length=TEXT_BYTES)
    # Milvus wants a vector in every collection.
    schema.add_field("none", types.FLOAT_VECTOR, dim=2)
    indexes.add_index("none", index_type="FLAT", metric_type="IP", params={})
    for field in ("kind", "key", "name", "source"):
        indexes.add_index(field, index_type="INVERTED")
    return schema, indexes


def passages_layout(pymilvus: Any, dimension: int, in_file: bool) -> tuple[Any, Any]:
    """Schema and indexes of passages, searchable by vector and by words.

    Fields: ``id``, ``key``, ``document``, ``start``, ``end``, ``vector`` (float32 of shape (dimension,)), ``words``, and
    ``bm25``, which the engine makes of ``words``.

    Args:
        pymilvus: the module.
        dimension: length of vectors.
        in_file: whether they are for milvus-lite.
    """
    types, schema, indexes = _blank(pymilvus)
    schema.add_field("id", types.INT64, is_primary=True)
    for field in ("key", "start", "end"):
        schema.add_field(field, types.INT64)
    schema.add_field("document", types.VARCHAR, max_length=TEXT_BYTES)
    schema.add_field("vector", types.FLOAT_VECTOR, dim=dimension)
    # Words come as terms already (see index.milvus.terms), so they only have to be told apart at spaces. This tokenizer
    # splits at everything that is no letter or digit; terms have nothing else.
    analyzer = {"tokenizer": "standard"}
    schema.add_field("words", types.VARCHAR, max_length=TEXT_BYTES, enable_analyzer=True, analyzer_params=analyzer)
    schema.add_field("bm25", types.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        pymilvus.Function(
            name="bm25",
            function_type=pymilvus.FunctionType.BM25,
            input_field_names=["words"],
            output_field_names=["bm25"],
        )
    )
    if in_file:
        indexes.add_index("vector", index_type="FLAT", metric_type="IP", params={})
        # pymilvus sends parameters one by one, milvus-lite looks for them together.
        words: dict[str, Any] = {"params": _BM25}
    else:
        indexes.add_index("vector", index_type="HNSW", metric_type="IP", params={"M": 16, "efConstruction": 200})
        words = dict(_BM25)
    indexes.add_index("bm25", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params=words)
    indexes.add_index("key", index_type="INVERTED")
    return schema, indexes


def _blank(pymilvus: Any) -> tuple[Any, Any, Any]:
    """The types of fields, a schema without fields, and an empty list of indexes."""
    client = pymilvus.MilvusClient
    return (
        pymilvus.DataType,
        client.create_schema(auto_id=False, enable_dynamic_field=False),
        client.prepare_index_params(),
    )
