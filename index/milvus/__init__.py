"""An index in a Milvus: a cluster by its address, or milvus-lite in this process and a file."""

from index.milvus.store import MilvusIndex

__all__ = ["MilvusIndex"]
