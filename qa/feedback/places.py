"""Where what belongs to an index, but is not part of it, is kept."""

import hashlib
from pathlib import Path

from index.milvus.address import is_address


def folder_beside(location: str, name: str) -> Path:
    """The folder called ``name`` that belongs to the index at ``location``; it need not exist yet.

    For an index in a folder it stands in that folder, so that deleting the index deletes it too. An index in a Milvus has
    no folder; what belongs to it is kept in the user's data folder, under the digest of its address.
    """
    if not is_address(location):
        return Path(location) / name
    # Here, not at the top: an index in a folder does not need it.
    import platformdirs

    digest = hashlib.sha256(location.encode()).hexdigest()[:16]
    return platformdirs.user_data_path("footnote", appauthor=False) / "milvus" / digest / name
